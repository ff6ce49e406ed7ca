import { need, texts } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { dropSchedule } from '../schedule-runs.ts'

const perCall = 50

export const deleteScheduledAction: Operation = (cloud, input) => {
  const group = cloud.autoScaling.changeable(need(input, 'AutoScalingGroupName'))
  dropSchedule(group, need(input, 'ScheduledActionName'))
  return {}
}

/** At most 50; one that is not there is told in the answer and stops no other (aws.md 6.3). */
export const batchDeleteScheduledAction: Operation = (cloud, input) => {
  const group = cloud.autoScaling.changeable(need(input, 'AutoScalingGroupName'))
  const names = texts(input, 'ScheduledActionNames')
  if (names.length === 0 || names.length > perCall)
    throw new AwsError('ValidationError', `The number of scheduled actions must be between 1 and ${perCall}`)
  const failed = names.flatMap((ScheduledActionName) => {
    try {
      dropSchedule(group, ScheduledActionName)
      return []
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      return [{ ScheduledActionName, ErrorCode: error.code, ErrorMessage: error.message }]
    }
  })
  return { FailedScheduledActions: failed }
}
