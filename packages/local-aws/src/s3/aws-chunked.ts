import { AwsError } from '../wire/operation.ts'

/**
 * The body of an `aws-chunked` request: chunks `SIZE[;chunk-signature=…]\r\nDATA\r\n` to a chunk of size 0, then trailing headers
 * (S3 API reference, "Signature calculations: transferring payload in multiple chunks").
 * @throws {AwsError} IncompleteBody.
 */
export function decodeChunked(body: Uint8Array): { body: Uint8Array; trailers: Record<string, string> } {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const chunks: Buffer[] = []
  let at = 0
  for (;;) {
    const end = lineEnd(bytes, at)
    const size = /^([0-9a-fA-F]{1,8})(?:;|$)/.exec(bytes.toString('latin1', at, end))?.[1]
    if (size === undefined) throw incomplete()
    at = end + 2
    const length = Number.parseInt(size, 16)
    if (length === 0)
      return { body: Buffer.concat(chunks), trailers: trailersOf(bytes.toString('latin1', at)) }
    if (at + length + 2 > bytes.length) throw incomplete()
    chunks.push(bytes.subarray(at, at + length))
    at += length + 2
  }
}

function lineEnd(bytes: Buffer, from: number): number {
  const end = bytes.indexOf('\r\n', from, 'latin1')
  if (end < 0) throw incomplete()
  return end
}

function trailersOf(text: string): Record<string, string> {
  const lines = text.split('\r\n').filter((line) => line.includes(':'))
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
}

function incomplete(): AwsError {
  return new AwsError('IncompleteBody', 'The request body terminated unexpectedly')
}
