import { need, rows, text } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { putSchedule } from '../schedule-runs.ts'

const perCall = 50

export const putScheduledUpdateGroupAction: Operation = (cloud, input) => {
  const group = cloud.autoScaling.changeable(need(input, 'AutoScalingGroupName'))
  putSchedule(cloud, group, input)
  return {}
}

/** At most 50; one that is refused is told in the answer and stops no other (aws.md 6.3). */
export const batchPutScheduledUpdateGroupAction: Operation = (cloud, input) => {
  const group = cloud.autoScaling.changeable(need(input, 'AutoScalingGroupName'))
  const actions = rows(input, 'ScheduledUpdateGroupActions')
  if (actions.length === 0 || actions.length > perCall)
    throw new AwsError('ValidationError', `The number of scheduled actions must be between 1 and ${perCall}`)
  const failed = actions.flatMap((action) => {
    try {
      putSchedule(cloud, group, action)
      return []
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      const ScheduledActionName = text(action, 'ScheduledActionName') ?? ''
      return [{ ScheduledActionName, ErrorCode: error.code, ErrorMessage: error.message }]
    }
  })
  return { FailedScheduledUpdateGroupActions: failed }
}
