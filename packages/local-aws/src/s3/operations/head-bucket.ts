import { AwsError } from '../../wire/operation.ts'
import type { S3Operation } from '../request.ts'
import { emptyResponse } from '../responses.ts'

export const headBucket: S3Operation = (cloud, { bucket }) => {
  if (!cloud.objects.hasBucket(bucket))
    throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404)
  return emptyResponse(200, { 'x-amz-bucket-region': cloud.region })
}
