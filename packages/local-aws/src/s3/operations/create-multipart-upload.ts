import type { S3Operation } from '../request.ts'
import { xmlResponse } from '../responses.ts'
import { describedBy } from '../write-options.ts'

export const createMultipartUpload: S3Operation = (cloud, { bucket, key, headers }) => {
  const UploadId = cloud.objects.beginUpload(bucket, key, describedBy(headers))
  return xmlResponse('InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId })
}
