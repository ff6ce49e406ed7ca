import { permission } from '../../iam/permissions/permission.ts'
import { refusal } from '../../iam/refusals.ts'
import { integer, need } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'

/**
 * Credentials for a session of a role of this account, for 15 minutes to 12 hours, one hour unless told (API reference,
 * AssumeRole). Trust policies are not evaluated: whoever may call may assume. A role that is not there reads as denied.
 */
export const assumeRole: Operation = (cloud, input, caller) => {
  const arn = need(input, 'RoleArn')
  const session = need(input, 'RoleSessionName')
  if (!/^[\w+=,.@-]{2,64}$/.test(session))
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value '${session}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`,
    )
  const seconds = integer(input, 'DurationSeconds') ?? 3_600
  if (seconds < 900 || seconds > 43_200)
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value between 900 and 43200`,
    )
  const [, account, name = ''] = /^arn:aws:iam::(\d{12}):role\/(?:.*\/)?([\w+=,.@-]+)$/.exec(arn) ?? []
  if (account !== cloud.account || !cloud.access.hasRole(name))
    throw refusal(caller, permission('sts:AssumeRole', arn), 'not-allowed')
  const { accessKeyId, secretAccessKey, token, expiration } = cloud.identities.assume(
    name,
    session,
    seconds * 1_000,
  )
  const { userId, arn: sessionArn } = cloud.identities.callerOf(accessKeyId)
  return {
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: token,
      Expiration: new Date(expiration),
    },
    AssumedRoleUser: { AssumedRoleId: userId, Arn: sessionArn },
  }
}
