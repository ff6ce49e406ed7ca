import type { WireRequest } from './message.ts'

/** Who signed a request, and for which service. */
export type Signature = { accessKeyId: string; region: string; service: string }

/** Asked for several times a request. */
const known = new WeakMap<WireRequest, Signature | null>()

/**
 * The SigV4 credential scope of a request: from its Authorization header, or from the query of a presigned one.
 * The signature itself is not checked: this server keeps no secrets. Null where the request is not signed.
 */
export function signatureOf(request: WireRequest): Signature | null {
  const found = known.get(request)
  if (found !== undefined) return found
  const signature = readSignature(request)
  known.set(request, signature)
  return signature
}

function readSignature(request: WireRequest): Signature | null {
  const header = request.headers['authorization'] ?? ''
  const credential =
    /^AWS4-HMAC-SHA256\s.*Credential=([^,\s]+)/.exec(header)?.[1] ??
    new URLSearchParams(request.query).get('X-Amz-Credential')
  const scope = credential?.split('/')
  if (!scope || scope.length < 5) return null
  const [terminal, service, region, , ...key] = scope.toReversed()
  if (terminal !== 'aws4_request' || !service || !region) return null
  return { accessKeyId: key.toReversed().join('/'), region, service }
}
