import { manifestTypes } from '@switchover/contract/registry'
import { Refusal } from '../events.ts'
import { dockerCredentials } from './docker-credentials.ts'
import type { DockerLogin } from '@switchover/contract/docker-config'
import { accessToken, parseChallenge } from './token.ts'
import { bodyOf, request, unusable } from './http.ts'
import { manifestBytesMax, sha256 } from './manifest.ts'

const hubHost = 'registry-1.docker.io'

export type DistributionAccess = Readonly<{
  /** Directory of Docker's config.json. */
  dockerConfig: string
  /** Hosts that may be spoken to over plain HTTP, besides loopback. */
  insecureRegistries: readonly string[]
}>

/** One repository behind the OCI distribution API; logs in when first told to, and remembers it for this object's life. */
export class DistributionRepository {
  readonly #access: DistributionAccess
  readonly #host: string
  readonly #path: string
  #authorization: string | null = null

  /** @param registry `host[:port]`, null for Docker Hub */
  constructor(access: DistributionAccess, registry: string | null, path: string) {
    const hub = registry === null || registry === 'docker.io' || registry === 'index.docker.io'
    this.#access = access
    this.#host = hub ? hubHost : registry
    this.#path = hub && !path.includes('/') ? `library/${path}` : path
  }

  /**
   * The manifest for a tag or digest, with the digest of its own bytes; null where the registry has none.
   * @throws {Refusal} one sentence: unreachable, login refused, or bytes that are not what was asked for.
   */
  async manifest(reference: string): Promise<{ digest: string; json: string } | null> {
    const response = await this.#get(`manifests/${reference}`, { accept: manifestTypes.join(', ') })
    if (response.status === 404) return null
    await this.#expectOk(response, `the manifest of ${this.#path}:${reference}`)
    const bytes = await bodyOf(response, this.#host, manifestBytesMax)
    const digest = sha256(bytes)
    const claimed = response.headers.get('docker-content-digest')
    const wrong =
      (claimed !== null && claimed !== digest) || (reference.includes(':') && reference !== digest)
    if (wrong)
      throw new Refusal(
        2,
        'refused',
        `${this.#host} answered with bytes that do not match ${claimed ?? reference}.`,
      )
    return { digest, json: Buffer.from(bytes).toString('utf8') }
  }

  /** The text of a small blob: an image's config. */
  async blob(digest: string): Promise<string> {
    const response = await this.#get(`blobs/${digest}`, {})
    await this.#expectOk(response, `the blob ${digest} of ${this.#path}`)
    const bytes = await bodyOf(response, this.#host, manifestBytesMax)
    if (sha256(bytes) !== digest)
      throw new Refusal(2, 'refused', `${this.#host} answered with bytes that do not match ${digest}.`)
    return Buffer.from(bytes).toString('utf8')
  }

  async #get(tail: string, headers: Record<string, string>): Promise<Response> {
    const url = new URL(`${this.#plain() ? 'http' : 'https'}://${this.#host}/v2/${this.#path}/${tail}`)
    const send = async () =>
      await request(url, {
        headers: {
          ...headers,
          ...(this.#authorization === null ? {} : { authorization: this.#authorization }),
        },
      })
    const first = await send()
    if (first.status !== 401 || this.#authorization !== null) return first
    await first.body?.cancel()
    this.#authorization = await this.#login(first.headers.get('www-authenticate') ?? '')
    return this.#authorization === null ? first : await send()
  }

  /** The Authorization header the registry's challenge asks for; null where we have nothing to offer. */
  async #login(header: string): Promise<string | null> {
    const challenge = parseChallenge(header)
    const credentials = await dockerCredentials(this.#access.dockerConfig, this.#host)
    if (challenge?.scheme === 'bearer') {
      const plain = challenge.realm.protocol === 'http:'
      if (plain && !this.#mayBePlain(challenge.realm.host))
        throw new Refusal(
          2,
          'refused',
          `${this.#host} sends its login to plain HTTP at ${challenge.realm.host}.`,
        )
      const token = await accessToken(challenge, `repository:${this.#path}:pull`, credentials)
      return token === null ? null : `Bearer ${token}`
    }
    return basic(credentials)
  }

  async #expectOk(response: Response, what: string): Promise<void> {
    if (response.ok) return
    await response.body?.cancel()
    if (response.status === 401 || response.status === 403)
      throw new Refusal(
        2,
        'refused',
        `${this.#host} refuses ${what}: log in first.`,
        `docker login ${this.#host}`,
      )
    throw unusable(response, this.#host, what)
  }

  #plain(): boolean {
    return this.#mayBePlain(this.#host)
  }

  #mayBePlain(host: string): boolean {
    const name = host.replace(/:\d+$/, '')
    const loopback = name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name)
    return loopback || this.#access.insecureRegistries.some((given) => given === host || given === name)
  }
}

function basic(credentials: DockerLogin | null): string | null {
  if (credentials?.kind !== 'password') return null
  return `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`
}
