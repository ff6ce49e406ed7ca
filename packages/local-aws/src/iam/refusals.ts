import { randomBytes } from 'node:crypto'
import { AwsError, type Caller } from '../wire/operation.ts'
import type { Permission, Verdict } from './evaluate.ts'

/**
 * How a service refuses, in AWS's words (IAM user guide, troubleshoot_access-denied; the codes as the SDKs know them). EC2 adds a
 * sentence before and an encoded message after, S3 puts quotes around the resource, ECR alone names `*`.
 */
export function refusal(
  caller: Caller,
  { action, resource }: Permission,
  verdict: Exclude<Verdict, 'allowed'>,
): AwsError {
  const service = action.split(':')[0] ?? ''
  const why =
    verdict === 'denied'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`
  const on =
    resource === '*' && service !== 'ecr'
      ? ''
      : ` on resource: ${service === 's3' ? `"${resource}"` : resource}`
  const sentence = `User: ${caller.arn} is not authorized to perform: ${action}${on} ${why}`
  if (service === 'ecr') return new AwsError('AccessDeniedException', sentence, 400)
  if (service !== 'ec2') return new AwsError('AccessDenied', sentence, 403)
  const encoded = action.startsWith('ec2:Describe')
    ? ''
    : ` Encoded authorization failure message: ${randomBytes(450).toString('base64url')}`
  return new AwsError(
    'UnauthorizedOperation',
    `You are not authorized to perform this operation. ${sentence}.${encoded}`,
    403,
  )
}
