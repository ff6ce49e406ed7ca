import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GetAuthorizationTokenCommand, type ECRClient, type ECRClientConfig } from '@aws-sdk/client-ecr'
import { z } from 'zod'
import { parseImage } from '@switchover/contract/image'
import type { Clock } from '../clock.ts'
import { retryable } from '../decide/reason.ts'
import { errorText, Failure } from '../failure.ts'
import type { RegistryLogin } from './engine.ts'

export type RegistryLogins = {
  /** What to log in with for an image, null for anonymous access. @throws {Failure} */
  for(image: string): Promise<RegistryLogin | null>
  /** Forgets what a registry did not take. */
  forget(image: string): void
}

type Held = { login: RegistryLogin; renewAt: number }

const ecrHost = /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/
const callMs = 15_000

/**
 * Logins by registry: ECR's token through the SDK, kept for half of its life; any other registry by Docker's
 * config.json, as `auths` holds it.
 */
export function registryLogins(options: {
  clock: Clock
  dockerConfig: string
  client: (config: ECRClientConfig) => ECRClient
}): RegistryLogins {
  const { clock, dockerConfig } = options
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
      const life = (data?.expiresAt?.getTime() ?? now) - now
      const login = {
        username,
        password: rest.join(':'),
        serveraddress: data?.proxyEndpoint ?? `https://${host}`,
      }
      return { login, renewAt: now + Math.max(0, life / 2) }
    } catch (error) {
      const sentence = `No login for registry ${host}: ${errorText(error)}`
      throw new Failure(retryable('registry-login', sentence), { cause: error })
    }
  }

  return {
    for: async (image) => {
      const host = parseImage(image).registry
      if (host === null) return null
      const known = held.get(host)
      if (known && clock.now() < known.renewAt) return known.login
      const match = ecrHost.exec(host)
      if (!match?.[1] || !match[2]) return configuredLogin(dockerConfig, host)
      const fresh = await ecrLogin(host, match[1], match[2])
      held.set(host, fresh)
      return fresh.login
    },
    forget: (image) => {
      const host = parseImage(image).registry
      if (host !== null) held.delete(host)
    },
  }
}

const configSchema = z.object({
  auths: z.record(z.string(), z.object({ auth: z.string().optional() })).default({}),
})

async function configuredLogin(directory: string, host: string): Promise<RegistryLogin | null> {
  let text: string
  try {
    text = await readFile(join(directory, 'config.json'), 'utf8')
  } catch {
    return null
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = null
  }
  const config = configSchema.safeParse(value)
  if (!config.success) {
    throw new Failure(
      retryable('registry-login', `Docker's ${join(directory, 'config.json')} cannot be read.`),
    )
  }
  const auth = config.data.auths[host]?.auth ?? config.data.auths[`https://${host}`]?.auth
  if (auth === undefined) return null
  const [username = '', ...password] = Buffer.from(auth, 'base64').toString('utf8').split(':')
  return { username, password: password.join(':'), serveraddress: host }
}
