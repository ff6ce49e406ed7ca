import type { S3Operation } from '../request.ts'
import { emptyResponse } from '../responses.ts'

export const deleteObject: S3Operation = (cloud, { bucket, key, headers }) => {
  cloud.objects.delete(bucket, key, headers['if-match'])
  return emptyResponse(204)
}
