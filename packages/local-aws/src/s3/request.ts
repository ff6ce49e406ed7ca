import type { Cloud } from '../cloud.ts'
import type { WireRequest, WireResponse } from '../wire/message.ts'
import { AwsError, type Caller } from '../wire/operation.ts'

/** A request to S3 once its bucket and key are known and its body is decoded. Bucket and key are '' where not named. */
export type S3Request = Readonly<{
  bucket: string
  key: string
  query: URLSearchParams
  headers: Readonly<Record<string, string>>
  body: Uint8Array
  caller: Caller
  /** `x-amz-checksum-…` given with the body, in a header or its trailer; those this server can compute have been verified. */
  checksums: Readonly<Record<string, string>>
}>

export type S3Operation = (cloud: Cloud, request: S3Request) => WireResponse

/** Bucket and key: path style always, virtual-hosted style under AWS's own names and under localhost. */
export function addressOf(request: WireRequest): { bucket: string; key: string } {
  const host = (request.headers['host'] ?? '').replace(/:\d+$/, '')
  const hosted = /^(.+?)\.(?:s3[.-][a-z0-9.-]*amazonaws\.com|localhost)$/.exec(host)?.[1]
  const path = decode(request.path.replace(/^\//, ''))
  if (hosted !== undefined) return { bucket: hosted, key: path }
  const slash = path.indexOf('/')
  return slash < 0 ? { bucket: path, key: '' } : { bucket: path.slice(0, slash), key: path.slice(slash + 1) }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.")
  }
}
