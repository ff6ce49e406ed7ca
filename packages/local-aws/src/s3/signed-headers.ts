import { AwsError } from '../wire/operation.ts'

/**
 * What a request signed in its header must carry and sign: the payload's hash and every `x-amz-` header (S3 API
 * Reference, sig-v4-header-based-auth). Presigned and anonymous requests are under other rules.
 * @throws {AwsError} InvalidRequest, AccessDenied.
 */
export function requireSignedHeaders(headers: Readonly<Record<string, string>>): void {
  const signed = /^AWS4-HMAC-SHA256\s.*SignedHeaders=([^,\s]+)/.exec(headers['authorization'] ?? '')?.[1]
  if (signed === undefined) return
  if (headers['x-amz-content-sha256'] === undefined)
    throw new AwsError('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256')
  const names = new Set(signed.toLowerCase().split(';'))
  if (Object.keys(headers).some((name) => name.startsWith('x-amz-') && !names.has(name)))
    throw new AwsError('AccessDenied', 'There were headers present in the request which were not signed', 403)
}
