import { flag, need, needInteger } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'

/** With HonorCooldown an activity in progress refuses it. */
export const setDesiredCapacity: Operation = (cloud, input) => {
  const group = cloud.autoScaling.changeable(need(input, 'AutoScalingGroupName'))
  const desired = needInteger(input, 'DesiredCapacity')
  const wrong =
    desired > group.max ? ['above max', group.max] : desired < group.min ? ['below min', group.min] : null
  if (wrong)
    throw new AwsError(
      'ValidationError',
      `New SetDesiredCapacity value ${desired} is ${wrong.join(' value ')} for the AutoScalingGroup.`,
    )
  const busy = group.activities.find((activity) => activity.endTime === null)
  if (busy && flag(input, 'HonorCooldown'))
    throw new AwsError(
      'ScalingActivityInProgress',
      `Scaling activity ${busy.id} is in progress and blocks this action`,
    )
  cloud.autoScaling.setDesired(group, desired, 'a user request explicitly set group desired capacity')
  return {}
}
