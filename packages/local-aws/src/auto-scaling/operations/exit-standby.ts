import { need } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { capacityChange } from '../group.ts'
import { checkSizes, instanceIds, membersIn } from '../members.ts'
import { activityOutput } from '../outputs.ts'

/** Always raises desired by one per instance; not possible while Launch is suspended (UG as-enter-exit-standby, as-suspend-resume-processes). */
export const exitStandby: Operation = (cloud, input) => {
  const { autoScaling } = cloud
  const ids = instanceIds(input, 20)
  const group = autoScaling.changeable(need(input, 'AutoScalingGroupName'))
  const members = membersIn(group, ids, ['Standby'])
  checkSizes(group, members.length, 'take out of standby')
  if (group.suspended.has('Launch') && members.length > 0)
    throw new AwsError(
      'ValidationError',
      `AutoScalingGroup ${group.name} has the Launch process suspended. Resume it to take instances out of standby.`,
    )
  const activities = members.map((member) =>
    autoScaling.moves.exitStandby(group, member, capacityChange(group, 1)),
  )
  autoScaling.setDesired(
    group,
    group.desired + members.length,
    'a user request moved instances out of standby',
  )
  return { Activities: activities.map((activity) => activityOutput(group, activity)) }
}
