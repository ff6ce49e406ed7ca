import { need, needFlag } from '../../input.ts'
import type { Operation } from '../../wire/operation.ts'
import { capacityChange, isCounted } from '../group.ts'
import { checkSizes, instanceIds, membersIn } from '../members.ts'
import { activityOutput } from '../outputs.ts'

/**
 * From InService or Standby. A decrement lowers desired for a Standby instance too, a second time after EnterStandby,
 * so that others are ended (UG ec2-auto-scaling-detach-attach-instances).
 */
export const detachInstances: Operation = (cloud, input) => {
  const { autoScaling } = cloud
  const ids = instanceIds(input, 20)
  const group = autoScaling.changeable(need(input, 'AutoScalingGroupName'))
  const decrement = needFlag(input, 'ShouldDecrementDesiredCapacity')
  const members = membersIn(group, ids, ['InService', 'Standby'])
  if (decrement) checkSizes(group, -members.length, 'detach')
  const activities = members.map((member) =>
    autoScaling.moves.detach(group, member, capacityChange(group, decrement && isCounted(member) ? -1 : 0)),
  )
  if (decrement)
    autoScaling.setDesired(group, group.desired - members.length, 'a user request detached instances')
  else autoScaling.wake(group)
  return { Activities: activities.map((activity) => activityOutput(group, activity)) }
}
