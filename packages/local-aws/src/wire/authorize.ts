import type { Cloud } from '../cloud.ts'
import type { Permissions } from '../iam/permissions/permission.ts'
import type { Caller, Input } from './operation.ts'

/**
 * Whether `caller` may do `operation`, before anything else is looked at.
 * @throws {AwsError} as the service refuses; an operation without a mapped action is a bug.
 */
export function authorize(
  cloud: Cloud,
  permissions: Permissions,
  operation: string,
  input: Input,
  caller: Caller,
): void {
  const needed = Object.hasOwn(permissions, operation) ? permissions[operation] : undefined
  if (!needed) throw new Error(`No IAM action is mapped to the operation ${operation}.`)
  if (cloud.access.judges(caller)) cloud.access.require(caller, needed(cloud, input))
}
