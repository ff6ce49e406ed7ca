import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { AwsError } from '../wire/operation.ts'

const prefix = 'x-amz-checksum-'

/** What this server computes itself. The other algorithms of S3 (CRC32C, CRC64NVME) are kept and given back unverified. */
const algorithms: Readonly<Record<string, (body: Uint8Array) => string>> = {
  crc32: (body) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(crc32(body))
    return bytes.toString('base64')
  },
  sha1: (body) => createHash('sha1').update(body).digest('base64'),
  sha256: (body) => createHash('sha256').update(body).digest('base64'),
}

const notChecksums = new Set(['mode', 'type', 'algorithm'])

/**
 * The checksums given with a body, verified.
 * @throws {AwsError} BadDigest, XAmzContentSHA256Mismatch.
 */
export function verifiedChecksums(
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): Record<string, string> {
  const md5 = headers['content-md5']
  if (md5 !== undefined && md5 !== createHash('md5').update(body).digest('base64'))
    throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.')
  const given = Object.entries(headers).filter(
    ([name]) => name.startsWith(prefix) && !notChecksums.has(name.slice(prefix.length)),
  )
  for (const [name, value] of given) {
    const algorithm = name.slice(prefix.length)
    const compute = algorithms[algorithm]
    if (compute && compute(body) !== value)
      throw new AwsError(
        'BadDigest',
        `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
      )
  }
  return Object.fromEntries(given)
}

/** The payload hash of the signature, where it is one. @throws {AwsError} XAmzContentSHA256Mismatch. */
export function verifyPayloadHash(headers: Readonly<Record<string, string>>, body: Uint8Array): void {
  const given = headers['x-amz-content-sha256']
  if (given === undefined || !/^[0-9a-f]{64}$/.test(given)) return
  if (given !== createHash('sha256').update(body).digest('hex'))
    throw new AwsError(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    )
}
