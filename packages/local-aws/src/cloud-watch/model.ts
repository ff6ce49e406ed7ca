import type { Cloud } from '../cloud.ts'
import { AwsError } from '../wire/operation.ts'
import type { Alarm, AlarmSettings, AlarmState } from './alarm.ts'

/** Runs one action of an alarm: its ARN, and the alarm that names it. */
export type RunAction = (arn: string, alarm: Alarm) => void

/** Metric alarms. No metric is measured here: an alarm's state is what SetAlarmState last said, and stays so. */
export class CloudWatch {
  readonly #cloud: Cloud
  readonly #runners: RunAction[] = []
  readonly alarms = new Map<string, Alarm>()

  constructor(cloud: Cloud) {
    this.#cloud = cloud
  }

  /** Has `run` called for every action of every alarm that changes its state; each service knows its own by their ARN. */
  onAction(run: RunAction): void {
    this.#runners.push(run)
  }

  /** @throws {AwsError} ResourceNotFound, which is HTTP 404 (API reference, DeleteAlarms). */
  alarm(name: string): Alarm {
    const alarm = this.alarms.get(name)
    if (alarm) return alarm
    throw new AwsError('ResourceNotFound', `Alarm ${name} does not exist`, 404)
  }

  /** Overwrites all settings and leaves the state of an alarm that is there (API reference, PutMetricAlarm). */
  put(name: string, settings: AlarmSettings): Alarm {
    const now = this.#cloud.clock.now()
    const before = this.alarms.get(name)
    const alarm = before ?? this.#created(name, settings, now)
    alarm.settings = settings
    alarm.settingsAt = now
    this.alarms.set(name, alarm)
    return alarm
  }

  #created(name: string, settings: AlarmSettings, now: number): Alarm {
    const { region, account } = this.#cloud
    return {
      name,
      arn: `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`,
      settings,
      settingsAt: now,
      state: 'INSUFFICIENT_DATA',
      reason: 'Unchecked: Initial alarm creation',
      reasonData: null,
      stateAt: now,
      transitionAt: now,
    }
  }

  /** Only a change runs the actions of the new state (API SetAlarmState). */
  setState(alarm: Alarm, state: AlarmState, reason: string, reasonData: string | null): void {
    const changed = alarm.state !== state
    const now = this.#cloud.clock.now()
    Object.assign(alarm, { state, reason, reasonData, stateAt: now })
    if (!changed) return
    alarm.transitionAt = now
    if (!alarm.settings.actionsEnabled) return
    for (const arn of alarm.settings.actions[state]) for (const run of this.#runners) run(arn, alarm)
  }
}
