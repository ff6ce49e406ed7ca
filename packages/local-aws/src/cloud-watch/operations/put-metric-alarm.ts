import { checkLength, need } from '../../input.ts'
import type { Operation } from '../../wire/operation.ts'
import { readAlarmSettings } from '../settings.ts'

/**
 * Creates an alarm in INSUFFICIENT_DATA, or overwrites all its settings and leaves its state (API reference,
 * PutMetricAlarm). Tags are not kept.
 */
export const putMetricAlarm: Operation = (cloud, input) => {
  const name = need(input, 'AlarmName')
  checkLength('alarmName', name, 255)
  cloud.cloudWatch.put(name, readAlarmSettings(input))
  return {}
}
