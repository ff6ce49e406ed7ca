import { integer, text, texts } from '../../input.ts'
import { page } from '../../paging.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { alarmOutput, alarmStates, type Alarm } from '../alarm.ts'

const recordsMax = 100

/**
 * Names or a prefix, an action's prefix and a state, AND-ed; metric alarms unless told otherwise, pages of 50, at most
 * 100 (API reference, DescribeAlarms).
 */
export const describeAlarms: Operation = (cloud, input) => {
  const names = texts(input, 'AlarmNames')
  const prefix = text(input, 'AlarmNamePrefix') ?? ''
  if (names.length > recordsMax)
    throw new AwsError('ValidationError', `The number of alarm names is limited to ${recordsMax}`)
  if (names.length > 0 && prefix !== '')
    throw new AwsError('InvalidParameterCombination', 'AlarmNames and AlarmNamePrefix exclude each other.')
  const size = integer(input, 'MaxRecords') ?? 50
  if (size < 1 || size > recordsMax)
    throw new AwsError('ValidationError', `MaxRecords must be between 1 and ${recordsMax}`)
  const state = text(input, 'StateValue')
  if (state !== undefined && !alarmStates.some((one) => one === state))
    throw new AwsError('ValidationError', `StateValue ${state} is not valid`)
  const action = text(input, 'ActionPrefix')
  const types = texts(input, 'AlarmTypes')
  const wanted = types.length === 0 || types.includes('MetricAlarm')
  const found = [...cloud.cloudWatch.alarms.values()]
    .filter(
      (alarm) =>
        wanted &&
        (names.length === 0 || names.includes(alarm.name)) &&
        alarm.name.startsWith(prefix) &&
        (state === undefined || alarm.state === state) &&
        (action === undefined || runs(alarm, action)),
    )
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const { items, next } = page(found, text(input, 'NextToken'), size)
  return { MetricAlarms: items.map(alarmOutput), CompositeAlarms: [], NextToken: next }
}

function runs({ settings }: Alarm, prefix: string): boolean {
  return Object.values(settings.actions).some((arns) => arns.some((arn) => arn.startsWith(prefix)))
}
