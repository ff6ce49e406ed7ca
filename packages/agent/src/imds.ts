import type { Clock } from './clock.ts'
import { exchange } from './exchange.ts'

/** An answer of the instance metadata service that is neither success nor absence. */
export class ImdsError extends Error {
  readonly status: number

  constructor(status: number, path: string) {
    super(
      status === 403
        ? 'The instance metadata service refuses access: it is switched off for this instance.'
        : `The instance metadata service answered ${status} to ${path}.`,
    )
    this.name = 'ImdsError'
    this.status = status
  }
}

/**
 * The token was asked for and nothing came back in time. The service drops such answers on their way where a network
 * namespace lies between (EC2 User Guide, "Use the Instance Metadata Service": hop limit).
 */
class ImdsSilent extends Error {
  constructor(cause: unknown) {
    super(
      'The instance metadata service gave no session token in time. ' +
        'If the agent runs in a container, raise HttpPutResponseHopLimit of the instance to 2.',
      { cause },
    )
    this.name = 'ImdsSilent'
  }
}

export type Imds = {
  /**
   * Text at a path under `/latest/`, or null where the service has none (404, normal for many).
   * @throws {ImdsError} for another status; the transport's error where the service does not answer in time
   */
  get(path: string, signal?: AbortSignal): Promise<string | null>
}

const ttlSeconds = 21_600
const requestMs = 2_000

/**
 * IMDSv2 only: every request carries a session token, renewed at 80 % of its life and once after a 401 (EC2 User
 * Guide, "Use the Instance Metadata Service"). Requests go one after the other: the service limits simultaneous ones.
 */
export function imdsClient(options: { endpoint: string; clock: Clock }): Imds {
  const { endpoint, clock } = options
  let token: { value: string; renewAt: number } | null = null
  let queue: Promise<unknown> = Promise.resolve()

  const limit = (signal?: AbortSignal) =>
    signal ? AbortSignal.any([signal, clock.deadline(requestMs)]) : clock.deadline(requestMs)

  async function renewToken(signal?: AbortSignal): Promise<string> {
    const path = '/latest/api/token'
    const limited = limit(signal)
    const { status, headers, body } = await exchange(endpoint + path, {
      method: 'PUT',
      headers: { 'x-aws-ec2-metadata-token-ttl-seconds': String(ttlSeconds) },
      signal: limited,
    }).catch((error: unknown) => {
      throw limited.aborted && !signal?.aborted ? new ImdsSilent(error) : error
    })
    if (status !== 200) throw new ImdsError(status, path)
    const granted = Number(headers['x-aws-ec2-metadata-token-ttl-seconds'] ?? ttlSeconds)
    const life = Number.isFinite(granted) && granted > 0 ? granted : ttlSeconds
    token = { value: body, renewAt: clock.now() + life * 800 }
    return body
  }

  async function ask(path: string, signal?: AbortSignal): Promise<{ status: number; body: string }> {
    const value = token !== null && clock.now() < token.renewAt ? token.value : await renewToken(signal)
    return exchange(`${endpoint}/latest/${path}`, {
      headers: { 'x-aws-ec2-metadata-token': value },
      signal: limit(signal),
    })
  }

  async function get(path: string, signal?: AbortSignal): Promise<string | null> {
    let answer = await ask(path, signal)
    if (answer.status === 401) {
      token = null
      answer = await ask(path, signal)
    }
    if (answer.status === 404) return null
    if (answer.status !== 200) throw new ImdsError(answer.status, `/latest/${path}`)
    return answer.body
  }

  return {
    get: (path, signal) => {
      const turn = queue.then(() => get(path, signal))
      queue = turn.catch(() => undefined)
      return turn
    },
  }
}
