import { AwsError } from '../../wire/operation.ts'
import type { S3Operation } from '../request.ts'
import { emptyResponse } from '../responses.ts'
import { conditionsOf, describedBy, notImplemented } from '../write-options.ts'

export const putObject: S3Operation = (cloud, { bucket, key, headers, body, checksums }) => {
  if (Buffer.byteLength(key) > 1024) throw new AwsError('KeyTooLongError', 'Your key is too long')
  if (headers['x-amz-copy-source'] !== undefined) throw notImplemented()
  const object = cloud.objects.put(bucket, key, body, {
    checksums,
    ...describedBy(headers),
    ...conditionsOf(headers),
  })
  return emptyResponse(200, {
    etag: object.etag,
    'x-amz-server-side-encryption': 'AES256',
    ...checksums,
  })
}
