import { integer, text, texts } from '../../input.ts'
import { page } from '../../paging.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { policyOutput } from '../policy-outputs.ts'

const namesMax = 50

/** By group, by name or ARN (unknown ones are no error) and by type; pages of 50, at most 100 (API DescribePolicies). */
export const describePolicies: Operation = (cloud, input) => {
  const { autoScaling } = cloud
  const groupName = text(input, 'AutoScalingGroupName')
  const names = texts(input, 'PolicyNames')
  const types = texts(input, 'PolicyTypes')
  if (names.length > namesMax)
    throw new AwsError(
      'ValidationError',
      `The number of policy names that may be passed in is limited to ${namesMax}`,
    )
  const groups = groupName ? [autoScaling.group(groupName)] : [...autoScaling.groups.values()]
  const found = groups.flatMap((group) =>
    [...group.policies.values()]
      .filter(
        ({ name, arn, settings }) =>
          (names.length === 0 || names.includes(name) || names.includes(arn)) &&
          (types.length === 0 || types.includes(settings.type)),
      )
      .map((policy) => ({ group, policy })),
  )
  const size = Math.min(100, integer(input, 'MaxRecords') ?? 50)
  const { items, next } = page(found, text(input, 'NextToken'), size)
  return {
    ScalingPolicies: items.map(({ group, policy }) => policyOutput(cloud, group, policy)),
    NextToken: next,
  }
}
