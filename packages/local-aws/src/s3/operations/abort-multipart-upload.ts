import type { S3Operation } from '../request.ts'
import { emptyResponse } from '../responses.ts'

export const abortMultipartUpload: S3Operation = (cloud, { query }) => {
  cloud.objects.uploads.end(query.get('uploadId') ?? '')
  return emptyResponse(204)
}
