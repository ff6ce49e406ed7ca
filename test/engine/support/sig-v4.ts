import { createHash, createHmac } from 'node:crypto'
import type { WireRequest } from '@switchover/local-aws/wire/message'

/** The keys a secret becomes on the way to a signature, the secret first. */
export function signingKeys(secret: string, scope: string): Buffer[] {
  const keys: Buffer[] = [Buffer.from(`AWS4${secret}`)]
  for (const part of scope.split('/')) keys.push(hmac(keys.at(-1) ?? Buffer.of(), part))
  return keys
}

/** Whether S3 takes the signature (Amazon S3 API Reference, "Authenticating Requests: Using the Authorization Header"). */
export function signatureHolds(request: WireRequest, accessKeyId: string, secret: string): boolean {
  const { method, path, query, headers } = request
  const given =
    /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/
  const [, id, scope = '', names = '', signature] = given.exec(headers['authorization'] ?? '') ?? []
  const signed = names.split(';')
  const toBeSigned = Object.keys(headers).filter((name) => name === 'host' || name.startsWith('x-amz-'))
  if (id !== accessKeyId || toBeSigned.some((name) => !signed.includes(name))) return false
  const lines = signed.map((name) => `${name}:${headers[name] ?? ''}\n`).join('')
  const canonical = [method, path, query, lines, names, headers['x-amz-content-sha256']].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n')
  const key = signingKeys(secret, scope).at(-1) ?? Buffer.of()
  return hmac(key, toSign).toString('hex') === signature
}

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
