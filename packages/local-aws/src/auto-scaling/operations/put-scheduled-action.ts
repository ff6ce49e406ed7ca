import { need, rows, text } from '../../input.ts'
import type { Operation } from '../../wire/operation.ts'
import { batch } from '../batch.ts'
import { putSchedule } from '../schedule-runs.ts'

export const putScheduledUpdateGroupAction: Operation = (cloud, input) => {
  const group = cloud.autoScaling.changeable(need(input, 'AutoScalingGroupName'))
  putSchedule(cloud, group, input)
  return {}
}

export const batchPutScheduledUpdateGroupAction: Operation = (cloud, input) => {
  const group = cloud.autoScaling.changeable(need(input, 'AutoScalingGroupName'))
  return {
    FailedScheduledUpdateGroupActions: batch(
      rows(input, 'ScheduledUpdateGroupActions'),
      (action) => text(action, 'ScheduledActionName') ?? '',
      (action) => putSchedule(cloud, group, action),
    ),
  }
}
