import type {
  AlarmDefinition,
  PolicyDefinition,
  ScalingDefinitions,
  ScheduledActionDefinition,
  Settings,
} from '@switchover/contract/scaling'
import type { GroupScaling } from './world.ts'

/** Definitions of policies, alarms and scheduled actions: what makes two the same, and what one is for another group. */

type Json = Settings[string]

const isObject = (value: Json): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The same text for the same value, whatever the order of its fields. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (!isObject(value)) return JSON.stringify(value)
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join()}}`
}

/**
 * Metrics are told apart by the group's name in a dimension: at any depth it becomes the other group's (Auto Scaling
 * user guide, as-scaling-simple-step).
 */
function redirected(value: Json, from: string, to: string): Json {
  if (Array.isArray(value)) return value.map((one) => redirected(one, from, to))
  if (!isObject(value)) return value
  if (value['Name'] === 'AutoScalingGroupName' && value['Value'] === from) return { ...value, Value: to }
  return redirectedSettings(value, from, to)
}

function redirectedSettings(settings: Settings, from: string, to: string): Settings {
  const fields = Object.entries(settings).map(([key, one]) => [key, redirected(one, from, to)] as const)
  return Object.fromEntries(fields)
}

/** What a group owns as the record keeps it: without ARNs, which are the group's alone. */
export function definitions({ policies, alarms, actions }: GroupScaling): ScalingDefinitions {
  return {
    policies: policies.map(({ name, type, settings }) => ({ name, type, settings })),
    alarms: [...alarms],
    actions: [...actions],
  }
}

/** A policy as the other group is to have it. */
export function policyFor(
  { name, type, settings }: PolicyDefinition,
  from: string,
  to: string,
): PolicyDefinition {
  return { name, type, settings: redirectedSettings(settings, from, to) }
}

export function samePolicy(a: PolicyDefinition, b: PolicyDefinition): boolean {
  return a.type === b.type && canonical(a.settings) === canonical(b.settings)
}

const actionLists = ['AlarmActions', 'OKActions', 'InsufficientDataActions'] as const

/** ARNs an alarm calls, in whichever of its three states. */
export function calledBy({ settings }: AlarmDefinition): string[] {
  return actionLists.flatMap((list) => {
    const called = settings[list]
    return Array.isArray(called) ? called.filter((arn) => typeof arn === 'string') : []
  })
}

/**
 * An alarm as it calls other policies and watches another group; what else it calls stays.
 * @param arns the ARN that takes the place of another
 */
export function alarmFor(
  alarm: AlarmDefinition,
  arns: ReadonlyMap<string, string>,
  from: string,
  to: string,
): AlarmDefinition {
  const settings = redirectedSettings(alarm.settings, from, to)
  for (const list of actionLists) {
    const called = settings[list]
    if (!Array.isArray(called)) continue
    const replaced = called.map((arn) => (typeof arn === 'string' ? (arns.get(arn) ?? arn) : arn))
    settings[list] = replaced.filter((arn, at) => replaced.indexOf(arn) === at)
  }
  return { name: alarm.name, settings }
}

/** A policy that was put again has another ARN: the unique part of it says nothing (API reference, PutScalingPolicy). */
const alarmText = ({ settings }: AlarmDefinition) =>
  canonical(settings).replaceAll(/:scalingPolicy:[^:]+:/g, ':scalingPolicy::')

export function sameAlarm(a: AlarmDefinition, b: AlarmDefinition): boolean {
  return alarmText(a) === alarmText(b)
}

/** The start of one that recurs is its next run, which is another one each time it is asked for. */
const actionText = (one: ScheduledActionDefinition) =>
  canonical({ ...one, startsAt: one.recurrence === null ? one.startsAt : null })

export function sameAction(a: ScheduledActionDefinition, b: ScheduledActionDefinition): boolean {
  return actionText(a) === actionText(b)
}
