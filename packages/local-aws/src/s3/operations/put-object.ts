import { AwsError } from '../../wire/operation.ts'
import type { S3Operation } from '../request.ts'
import { emptyResponse } from '../responses.ts'

const metadataPrefix = 'x-amz-meta-'

export const putObject: S3Operation = (cloud, { bucket, key, headers, body, checksums }) => {
  if (Buffer.byteLength(key) > 1024) throw new AwsError('KeyTooLongError', 'Your key is too long')
  const ifNoneMatch = headers['if-none-match']
  const ifMatch = headers['if-match']
  const unheard =
    headers['x-amz-copy-source'] !== undefined ||
    (ifNoneMatch !== undefined && (ifNoneMatch !== '*' || ifMatch !== undefined))
  if (unheard)
    throw new AwsError(
      'NotImplemented',
      'A header you provided implies functionality that is not implemented',
      501,
    )
  const contentType = headers['content-type']
  const encoding = contentEncoding(headers['content-encoding'])
  const object = cloud.objects.put(bucket, key, body, {
    checksums,
    metadata: metadataOf(headers),
    ...(contentType === undefined ? {} : { contentType }),
    ...(encoding === '' ? {} : { contentEncoding: encoding }),
    ...(ifNoneMatch === '*' ? { ifNoneMatch } : {}),
    ...(ifMatch === undefined ? {} : { ifMatch }),
  })
  return emptyResponse(200, {
    etag: object.etag,
    'x-amz-server-side-encryption': 'AES256',
    ...checksums,
  })
}

/** `aws-chunked` is about the transfer; what remains is stored. */
function contentEncoding(header = ''): string {
  return header
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== 'aws-chunked')
    .join(',')
}

function metadataOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith(metadataPrefix))
      .map(([name, value]) => [name.slice(metadataPrefix.length), value]),
  )
}
