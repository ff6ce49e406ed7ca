import { checkLength, texts } from '../input.ts'
import { AwsError, type Input } from '../wire/operation.ts'
import type { Group, Lifecycle, Member } from './group.ts'

/** Ids of a call that takes at most `limit` of them (UG ec2-auto-scaling-quotas). @throws {AwsError} ValidationError. */
export function instanceIds(input: Input, limit: number): string[] {
  const ids = texts(input, 'InstanceIds')
  if (ids.length > limit)
    throw new AwsError(
      'ValidationError',
      `The number of instance ids that may be passed in is limited to ${limit}`,
    )
  for (const id of ids) checkLength('instanceIds.member', id, 19)
  return [...new Set(ids)]
}

/**
 * Members by id: all of the group first, then all in one of `states`. One wrong id fails the whole call.
 * @throws {AwsError} ValidationError naming the first that is not.
 */
export function membersIn(group: Group, ids: readonly string[], states: readonly Lifecycle[]): Member[] {
  const members = ids.map((id) => {
    const member = group.members.get(id)
    if (member) return member
    throw new AwsError(
      'ValidationError',
      `The instance ${id} is not part of Auto Scaling group ${group.name}.`,
    )
  })
  const wrong = members.find((member) => !states.includes(member.lifecycle))
  if (wrong)
    throw new AwsError('ValidationError', `The instance ${wrong.id} is not in ${states.join(' or ')}.`)
  return members
}

/** Refuses a change of desired by `by` that would leave min or max behind. @throws {AwsError} ValidationError. */
export function checkSizes(group: Group, by: number, action: string): void {
  const after = group.desired + by
  if (after >= group.min && after <= group.max) return
  const count = Math.abs(by)
  throw new AwsError(
    'ValidationError',
    `AutoScalingGroup ${group.name} has min-size=${group.min}, max-size=${group.max}, and desired-size=${group.desired}. ` +
      `To ${action} ${count} instance${count === 1 ? '' : 's'}, please update the AutoScalingGroup sizes appropriately.`,
  )
}
