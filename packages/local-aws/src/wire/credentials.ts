import type { Cloud } from '../cloud.ts'
import { AwsError, type Caller } from './operation.ts'

/**
 * Who signed with an access key. A temporary key nobody was issued, as one of an earlier run, or one whose time is over is no
 * user's: where IAM is evaluated it must not pass for an administrator.
 * @throws {AwsError} as the service refuses keys it does not know.
 */
export function callerOf(cloud: Cloud, service: string, accessKeyId: string): Caller {
  const caller = cloud.identities.callerOf(accessKeyId)
  if (!cloud.access.evaluates || caller.role !== null || !accessKeyId.startsWith('ASIA')) return caller
  throw cloud.identities.isOver(accessKeyId) ? expired(service) : unknown(service)
}

/** As AWS SDKs know a token whose time is over: ExpiredToken, ExpiredTokenException of a JSON service, RequestExpired of EC2. */
function expired(service: string): AwsError {
  const text = 'The security token included in the request is expired'
  switch (service) {
    case 's3':
      return new AwsError('ExpiredToken', 'The provided token has expired.')
    case 'ec2':
      return new AwsError('RequestExpired', 'Request has expired.')
    case 'ecr':
      return new AwsError('ExpiredTokenException', text)
    default:
      return new AwsError('ExpiredToken', text, 403)
  }
}

function unknown(service: string): AwsError {
  const invalid = 'The security token included in the request is invalid.'
  switch (service) {
    case 's3':
      return new AwsError(
        'InvalidAccessKeyId',
        'The AWS Access Key Id you provided does not exist in our records.',
        403,
      )
    case 'ec2':
      return new AwsError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401)
    case 'ecr':
      return new AwsError('UnrecognizedClientException', invalid)
    default:
      return new AwsError('InvalidClientTokenId', invalid, 403)
  }
}
