import type { S3Operation } from '../request.ts'
import { emptyResponse } from '../responses.ts'

export const deleteBucket: S3Operation = (cloud, { bucket }) => {
  cloud.objects.deleteBucket(bucket)
  return emptyResponse(204)
}
