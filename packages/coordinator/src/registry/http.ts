import { Refusal } from '../events.ts'

/** One answer of a registry is waited for this long, connect and body included. */
const answerTimeoutMs = 15_000

/**
 * GET or POST with a bound on time. Redirects are followed, without the login where they lead to another host (fetch
 * standard, "HTTP-redirect fetch"), never from TLS to plain HTTP. A host that cannot be reached is a Refusal with one
 * sentence that names the host, never the address's query (it may hold a signature).
 */
export async function request(url: URL, init: RequestInit = {}): Promise<Response> {
  const response = await reach(url, init)
  const last = URL.canParse(response.url) ? new URL(response.url) : url
  if (url.protocol === 'https:' && last.protocol !== 'https:') {
    await response.body?.cancel()
    throw new Refusal(2, 'refused', `The registry ${url.host} redirects to plain HTTP at ${last.host}.`)
  }
  return response
}

async function reach(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(answerTimeoutMs) })
  } catch (error) {
    // It may be over by the next try, and nothing was changed: as with AWS out of reach.
    const sentence = `The registry ${url.host} could not be reached: ${innermost(error)}.`
    throw new Refusal(1, 'failed', sentence, null, error)
  }
}

/** The Refusal for an answer that is no use: what is wrong with the request stays wrong, what is wrong with the host may heal. */
export function unusable({ status }: Response, host: string, what: string): Refusal {
  const passing = status === 408 || status === 429 || status >= 500
  return passing
    ? new Refusal(1, 'failed', `${host} answered ${status} for ${what}: try again later.`)
    : new Refusal(2, 'refused', `${host} answered ${status} for ${what}.`)
}

/**
 * The body's bytes, at most `bytesMax` of them.
 * @throws {Refusal} where the body is larger or breaks off.
 */
export async function bodyOf(response: Response, host: string, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.byteLength
      if (size > bytesMax) break
      chunks.push(chunk)
    }
  } catch (error) {
    throw new Refusal(1, 'failed', `The answer of ${host} broke off: ${innermost(error)}.`, null, error)
  }
  if (size > bytesMax) throw new Refusal(2, 'refused', `${host} answered with more than ${bytesMax} bytes.`)
  return Buffer.concat(chunks)
}

function innermost(error: unknown): string {
  let inner = error
  for (let depth = 0; depth < 8 && inner instanceof Error && inner.cause instanceof Error; depth++)
    inner = inner.cause
  if (inner instanceof AggregateError && inner.errors[0] instanceof Error) inner = inner.errors[0]
  return inner instanceof Error ? inner.message.replace(/\.$/, '') : String(inner)
}
