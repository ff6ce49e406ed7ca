import { AwsError } from '../../wire/operation.ts'
import { objectHeaders } from '../object-headers.ts'
import type { S3Operation } from '../request.ts'
import { emptyResponse } from '../responses.ts'
import { noSuchKey, sameEtag } from '../store.ts'

export const getObject: S3Operation = (cloud, { bucket, key, headers }) => {
  const object = cloud.objects.get(bucket, key)
  if (!object) throw noSuchKey()
  const ifMatch = headers['if-match']
  if (ifMatch !== undefined && ifMatch !== '*' && !sameEtag(ifMatch, object.etag))
    throw new AwsError(
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold',
      412,
    )
  const ifNoneMatch = headers['if-none-match']
  if (ifNoneMatch !== undefined && (ifNoneMatch === '*' || sameEtag(ifNoneMatch, object.etag)))
    return emptyResponse(304, {
      etag: object.etag,
      'last-modified': new Date(object.modifiedAt).toUTCString(),
    })
  const size = object.body.byteLength
  const range = rangeOf(headers['range'], size)
  if (!range) {
    const checksums = headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED' ? object.checksums : {}
    return {
      status: 200,
      headers: { ...objectHeaders(object), 'content-length': String(size), ...checksums },
      body: object.body,
    }
  }
  return {
    status: 206,
    headers: {
      ...objectHeaders(object),
      'content-length': String(range.last - range.first + 1),
      'content-range': `bytes ${range.first}-${range.last}/${size}`,
    },
    body: object.body.subarray(range.first, range.last + 1),
  }
}

/** A single byte range as in RFC 9110, 14.2; null where the whole object is meant. @throws {AwsError} 416 InvalidRange. */
function rangeOf(header: string | undefined, size: number): { first: number; last: number } | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return null
  const [, from = '', to = ''] = match
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (from !== '' && to !== '' && Number(to) < Number(from)) return null
  if (first > last) throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416)
  return { first, last }
}
