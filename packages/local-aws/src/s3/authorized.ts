import type { Cloud } from '../cloud.ts'
import { listBucket, s3Permissions } from '../iam/permissions/s3.ts'
import { AwsError } from '../wire/operation.ts'
import type { WireResponse } from '../wire/message.ts'
import type { S3Request } from './request.ts'

/**
 * Does `work` if the caller may. That a key is missing is only told to whoever may list the bucket; others read that they
 * may not, with 403 (S3 API reference, GetObject, Permissions).
 * @throws {AwsError} AccessDenied; an operation without a mapped action is a bug.
 */
export function authorized(
  cloud: Cloud,
  operation: string,
  request: S3Request,
  work: () => WireResponse,
): WireResponse {
  const permissions = s3Permissions(operation, request)
  if (!permissions) throw new Error(`No IAM action is mapped to the operation ${operation} of S3.`)
  cloud.access.require(request.caller, permissions)
  try {
    return work()
  } catch (error) {
    if (error instanceof AwsError && error.code === 'NoSuchKey')
      cloud.access.require(request.caller, [listBucket(request)])
    throw error
  }
}
