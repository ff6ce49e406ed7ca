import { need, texts } from '../../input.ts'
import type { Operation } from '../../wire/operation.ts'
import { batch } from '../batch.ts'
import { dropSchedule } from '../schedule-runs.ts'

export const deleteScheduledAction: Operation = (cloud, input) => {
  const group = cloud.autoScaling.changeable(need(input, 'AutoScalingGroupName'))
  dropSchedule(group, need(input, 'ScheduledActionName'))
  return {}
}

export const batchDeleteScheduledAction: Operation = (cloud, input) => {
  const group = cloud.autoScaling.changeable(need(input, 'AutoScalingGroupName'))
  return {
    FailedScheduledActions: batch(
      texts(input, 'ScheduledActionNames'),
      (name) => name,
      (name) => dropSchedule(group, name),
    ),
  }
}
