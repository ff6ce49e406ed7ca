import { need } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { readAlarmSettings } from '../settings.ts'

const nameLengthMax = 255

/** Creates an alarm in INSUFFICIENT_DATA, or overwrites all its settings and leaves its state (aws.md 6.2). Tags are not kept. */
export const putMetricAlarm: Operation = (cloud, input) => {
  const name = need(input, 'AlarmName')
  if (name.length > nameLengthMax)
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value '${name}' at 'alarmName' failed to satisfy constraint: Member must have length less than or equal to ${nameLengthMax}`,
    )
  cloud.cloudWatch.put(name, readAlarmSettings(input))
  return {}
}
