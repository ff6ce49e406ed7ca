import { AwsError } from './wire/operation.ts'

/**
 * One page of `all`. The token is the position to go on from.
 * @throws {AwsError} InvalidNextToken (or the service's own code) for a token that was never given out.
 */
export function page<T>(
  all: readonly T[],
  token: string | undefined,
  size: number,
  invalidToken = 'InvalidNextToken',
): { items: readonly T[]; next: string | undefined } {
  const start = token === undefined || token === '' ? 0 : Number(Buffer.from(token, 'base64').toString())
  if (!Number.isInteger(start) || start < 0)
    throw new AwsError(invalidToken, `The token '${token ?? ''}' is invalid.`)
  const end = start + size
  const next = end < all.length ? Buffer.from(String(end)).toString('base64') : undefined
  return { items: all.slice(start, end), next }
}
