import { need, needFlag } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { causeTime } from '../activities.ts'
import { capacityChange, isCounted } from '../group.ts'
import { activityOutput } from '../outputs.ts'

/** Finds the group itself; neither protection nor Standby stops it, a move that is still draining does. */
export const terminateInstanceInAutoScalingGroup: Operation = (cloud, input) => {
  const { autoScaling } = cloud
  const id = need(input, 'InstanceId')
  const decrement = needFlag(input, 'ShouldDecrementDesiredCapacity')
  const found = autoScaling.find(id)
  if (!found)
    throw new AwsError(
      'ValidationError',
      `Instance Id not found - No managed instance found for instance ID: ${id}`,
    )
  const { group, member } = found
  if ((member.lifecycle === 'EnteringStandby' || member.lifecycle === 'Detaching') && member.activity)
    throw new AwsError(
      'ScalingActivityInProgress',
      `Scaling activity ${member.activity.id} is in progress and blocks this action`,
    )
  if (decrement && group.desired <= group.min)
    throw new AwsError(
      'ValidationError',
      `Currently, desiredSize equals minSize (${group.min}). Terminating instance without replacement will violate group's min size constraint. ` +
        "Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.",
    )
  const running = member.lifecycle.startsWith('Terminating') ? member.activity : null
  if (running) return { Activity: activityOutput(group, running) }
  const change = capacityChange(group, decrement && isCounted(member) ? -1 : 0)
  const at = causeTime(cloud.clock.now())
  const cause = `At ${at} instance ${id} was taken out of service in response to a user request${change}.`
  const activity = autoScaling.moves.terminate(group, member, cause)
  if (decrement) autoScaling.setDesired(group, group.desired - 1, 'a user request terminated an instance')
  else autoScaling.wake(group)
  // The drain shows in the activity later; the answer is that of the request.
  return { Activity: { ...activityOutput(group, activity), StatusCode: 'InProgress' } }
}
