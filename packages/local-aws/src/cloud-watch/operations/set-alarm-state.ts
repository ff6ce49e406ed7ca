import { need, text } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { alarmStates } from '../alarm.ts'

/** A change of state runs the new state's actions; here nothing measures the metric, so the state stays. */
export const setAlarmState: Operation = (cloud, input) => {
  const { cloudWatch } = cloud
  const value = need(input, 'StateValue')
  const state = alarmStates.find((one) => one === value)
  if (!state)
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value '${value}' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]`,
    )
  const reason = need(input, 'StateReason')
  const data = text(input, 'StateReasonData')
  if (data !== undefined && !isJson(data))
    throw new AwsError('InvalidFormat', 'StateReasonData is not valid JSON')
  cloudWatch.setState(cloudWatch.alarm(need(input, 'AlarmName')), state, reason, data ?? null)
  return {}
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
