import { AwsError } from '../../wire/operation.ts'
import type { S3Operation } from '../request.ts'
import { emptyResponse } from '../responses.ts'

/** Creating one's own bucket again succeeds in us-east-1 and nowhere else (S3 API reference, CreateBucket). */
export const createBucket: S3Operation = (cloud, { bucket }) => {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.')
  if (!cloud.objects.createBucket(bucket) && cloud.region !== 'us-east-1')
    throw new AwsError(
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      409,
    )
  return emptyResponse(200, { location: `/${bucket}` })
}
