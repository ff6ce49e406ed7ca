import { Refusal } from '../events.ts'

/** One answer of a registry is waited for this long, connect and body included. */
const answerTimeoutMs = 15_000

/**
 * GET or POST with a bound on time. A host that cannot be reached is a Refusal with one sentence that names the host, never the
 * address's query (it may hold a signature).
 */
export async function request(url: URL, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(answerTimeoutMs) })
  } catch (error) {
    throw new Refusal(
      2,
      'refused',
      `The registry ${url.host} could not be reached: ${innermost(error)}.`,
      null,
      error,
    )
  }
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
    throw new Refusal(2, 'refused', `The answer of ${host} broke off: ${innermost(error)}.`, null, error)
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
