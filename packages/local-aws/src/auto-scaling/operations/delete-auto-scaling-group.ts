import { flag, need } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { dropSchedule } from '../schedule-runs.ts'
import { deletePoliciesOf } from './delete-policy.ts'

/** Without ForceDelete the group must be empty and quiet. With it every instance is ended, Standby included, without hooks. Its policies and scheduled actions go at once. */
export const deleteAutoScalingGroup: Operation = (cloud, input) => {
  const { autoScaling } = cloud
  const group = autoScaling.changeable(need(input, 'AutoScalingGroupName'))
  if (!flag(input, 'ForceDelete')) {
    if (group.members.size > 0)
      throw new AwsError(
        'ResourceInUse',
        'You cannot delete an AutoScalingGroup while there are instances still in the group.',
      )
    if (group.activities.some((activity) => activity.endTime === null))
      throw new AwsError(
        'ScalingActivityInProgress',
        'You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.',
      )
  }
  group.min = 0
  group.max = 0
  group.desired = 0
  group.deleting = true
  deletePoliciesOf(cloud, group)
  for (const schedule of group.schedules.keys()) dropSchedule(group, schedule)
  autoScaling.wake(group)
  return {}
}
