import { need, needFlag } from '../../input.ts'
import type { Operation } from '../../wire/operation.ts'
import { capacityChange } from '../group.ts'
import { checkSizes, instanceIds, membersIn } from '../members.ts'
import { activityOutput } from '../outputs.ts'

/** From InService only, all or nothing; a decrement must leave desired at min or above (API EnterStandby). */
export const enterStandby: Operation = (cloud, input) => {
  const { autoScaling } = cloud
  const ids = instanceIds(input, 20)
  const group = autoScaling.changeable(need(input, 'AutoScalingGroupName'))
  const decrement = needFlag(input, 'ShouldDecrementDesiredCapacity')
  const members = membersIn(group, ids, ['InService'])
  if (decrement) checkSizes(group, -members.length, 'place into standby')
  const activities = members.map((member) =>
    autoScaling.moves.enterStandby(group, member, capacityChange(group, decrement ? -1 : 0)),
  )
  if (decrement)
    autoScaling.setDesired(group, group.desired - members.length, 'a user request moved instances to standby')
  else autoScaling.wake(group)
  return { Activities: activities.map((activity) => activityOutput(group, activity)) }
}
