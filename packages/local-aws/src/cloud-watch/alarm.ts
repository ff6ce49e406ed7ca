import type { Output } from '../wire/operation.ts'

export const alarmStates = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const
export type AlarmState = (typeof alarmStates)[number]

/** What PutMetricAlarm sets, all of it at once. */
export type AlarmSettings = Readonly<{
  actionsEnabled: boolean
  /** ARNs by the state whose coming runs them; at most 5 each. */
  actions: Readonly<Record<AlarmState, readonly string[]>>
  /** The rest is kept only to be told: no metric is measured here. */
  definition: Output
}>

export type Alarm = {
  readonly name: string
  readonly arn: string
  settings: AlarmSettings
  /** Milliseconds since the epoch, as all times here. */
  settingsAt: number
  state: AlarmState
  reason: string
  reasonData: string | null
  /** Of the last SetAlarmState, changed or not. */
  stateAt: number
  /** Of the last change of state. */
  transitionAt: number
}

/** As DescribeAlarms lists it. */
export function alarmOutput(alarm: Alarm): Output {
  const { actions, actionsEnabled, definition } = alarm.settings
  return {
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    ...definition,
    AlarmConfigurationUpdatedTimestamp: new Date(alarm.settingsAt),
    ActionsEnabled: actionsEnabled,
    OKActions: actions.OK,
    AlarmActions: actions.ALARM,
    InsufficientDataActions: actions.INSUFFICIENT_DATA,
    StateValue: alarm.state,
    StateReason: alarm.reason,
    StateReasonData: alarm.reasonData ?? undefined,
    StateUpdatedTimestamp: new Date(alarm.stateAt),
    StateTransitionedTimestamp: new Date(alarm.transitionAt),
  }
}
