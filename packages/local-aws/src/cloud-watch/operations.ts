import type { Operation } from '../wire/operation.ts'
import { deleteAlarms } from './operations/delete-alarms.ts'
import { describeAlarms } from './operations/describe-alarms.ts'
import { putMetricAlarm } from './operations/put-metric-alarm.ts'
import { setAlarmState } from './operations/set-alarm-state.ts'

/** CloudWatch, API version 2010-08-01: alarms. */
export const cloudWatchOperations: Record<string, Operation> = {
  DeleteAlarms: deleteAlarms,
  DescribeAlarms: describeAlarms,
  PutMetricAlarm: putMetricAlarm,
  SetAlarmState: setAlarmState,
}
