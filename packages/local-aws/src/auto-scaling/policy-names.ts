import type { Cloud } from '../cloud.ts'
import { AwsError } from '../wire/operation.ts'
import type { Group } from './group.ts'
import type { Policy } from './policies.ts'

/**
 * A policy by its name in a group, or by its ARN, which needs no group.
 * @throws {AwsError} ValidationError where there is none.
 */
export function policyNamed(
  cloud: Cloud,
  name: string,
  groupName: string | undefined,
): { group: Group; policy: Policy } {
  const groups = groupName ? [cloud.autoScaling.group(groupName)] : [...cloud.autoScaling.groups.values()]
  for (const group of groups)
    for (const policy of group.policies.values())
      if (policy.arn === name || (groupName && policy.name === name)) return { group, policy }
  if (!groupName && !name.startsWith('arn:'))
    throw new AwsError('ValidationError', 'A policy is named by its ARN where no group is given')
  throw new AwsError('ValidationError', `Policy ${name} not found`)
}
