import { GetAuthorizationTokenCommand, type ECRClient, type ECRClientConfig } from '@aws-sdk/client-ecr'
import { helperFor } from '@switchover/contract/docker-config'
import { parseEcrHost } from '@switchover/contract/registry'
import type { Clock } from '../clock.ts'
import { retryable } from '../decide/reason.ts'
import { errorText, Failure } from '../failure.ts'
import type { CredentialHelpers } from './credential-helper.ts'
import { loginKey, readDockerConfig, storedLogin } from './docker-config.ts'
import type { RegistryLogin } from './engine.ts'

export type RegistryLogins = {
  /** What to log in with for an image, null for anonymous access. @throws {Failure} */
  for(image: string): Promise<RegistryLogin | null>
  /** Forgets what a registry did not take. */
  forget(image: string): void
}

type Held = { login: RegistryLogin; renewAt: number }

const callMs = 15_000

/**
 * Logins by registry. ECR's token comes through the SDK and is kept for half of its life, unless a credential helper is
 * named for that very registry; any other registry's login is what Docker's config.json says, in the order the Docker CLI
 * looks: `credHelpers`, else `credsStore`, else `auths`.
 */
export function registryLogins(options: {
  clock: Clock
  dockerConfig: string
  client: (config: ECRClientConfig) => ECRClient
  helpers: CredentialHelpers
}): RegistryLogins {
  const { clock, dockerConfig, helpers } = options
  const held = new Map<string, Held>()

  async function ecrLogin(host: string, account: string, region: string): Promise<Held> {
    const now = clock.now()
    try {
      const answer = await options
        .client({ region })
        .send(new GetAuthorizationTokenCommand({ registryIds: [account] }), {
          abortSignal: clock.deadline(callMs),
        })
      const data = answer.authorizationData?.[0]
      const [username = '', ...rest] = Buffer.from(data?.authorizationToken ?? '', 'base64')
        .toString('utf8')
        .split(':')
      if (username === '' || rest.length === 0) throw new Error('The answer holds no token.')
      const endsAt = data?.expiresAt?.getTime()
      const life = endsAt === undefined ? 0 : clock.moment(endsAt) - now
      // Not the answer's address, which may be another of the registry's names: engines send a login to the one it names.
      const login = { username, password: rest.join(':'), serveraddress: `https://${host}` }
      return { login, renewAt: now + Math.max(0, life / 2) }
    } catch (error) {
      const sentence = `No login for registry ${host}: ${errorText(error)}`
      throw new Failure(retryable('registry-login', sentence), { cause: error })
    }
  }

  return {
    for: async (image) => {
      const key = loginKey(image)
      const config = await readDockerConfig(dockerConfig)
      const ecr = parseEcrHost(key)
      if (ecr === null || config.credHelpers[key] !== undefined) {
        const helper = helperFor(config, key)
        return helper === '' ? storedLogin(config, key) : helpers(helper, key)
      }
      const known = held.get(key)
      if (known && clock.now() < known.renewAt) return known.login
      const fresh = await ecrLogin(key, ecr.account, ecr.region)
      held.set(key, fresh)
      return fresh.login
    },
    forget: (image) => {
      held.delete(loginKey(image))
    },
  }
}
