import * as z from 'zod'

/** Fields of an AWS input under AWS's own names. */
const settings = z.record(z.string(), z.json())
export type Settings = z.infer<typeof settings>

export const policyTypes = [
  'SimpleScaling',
  'StepScaling',
  'TargetTrackingScaling',
  'PredictiveScaling',
] as const

/** A scaling policy as PutScalingPolicy takes it, group apart: read-only fields and empty lists are left out. */
export const policyDefinition = z.strictObject({
  name: z.string(),
  type: z.enum(policyTypes),
  settings,
})
export type PolicyDefinition = z.infer<typeof policyDefinition>

/** The alarm of a simple or step policy as PutMetricAlarm takes it. */
export const alarmDefinition = z.strictObject({ name: z.string(), settings })
export type AlarmDefinition = z.infer<typeof alarmDefinition>

/** Milliseconds since the epoch. */
const instant = z.number().int().nullable()
const size = z.number().int().nullable()

/** A scheduled action as BatchPutScheduledUpdateGroupAction takes it; null: not given. */
export const scheduledActionDefinition = z.strictObject({
  name: z.string(),
  /** The next run, for one that recurs too. */
  startsAt: instant,
  endsAt: instant,
  /** Five fields of cron. */
  recurrence: z.string().nullable(),
  timeZone: z.string().nullable(),
  min: size,
  max: size,
  desired: size,
})
export type ScheduledActionDefinition = z.infer<typeof scheduledActionDefinition>

export const scalingDefinitions = z.strictObject({
  policies: z.array(policyDefinition),
  alarms: z.array(alarmDefinition),
  actions: z.array(scheduledActionDefinition),
})
export type ScalingDefinitions = z.infer<typeof scalingDefinitions>

/** Of one group: what it owned before anything was moved, every definition we put on it, and the names we took from it. */
const scalingSide = z.strictObject({
  before: scalingDefinitions,
  written: scalingDefinitions,
  removed: z.strictObject({ policies: z.array(z.string()), actions: z.array(z.string()) }),
})
export type ScalingSide = z.infer<typeof scalingSide>

/** What becomes of the definitions of both groups while they move with traffic. */
export const scalingJournal = z.strictObject({ old: scalingSide, new: scalingSide })
export type ScalingJournal = z.infer<typeof scalingJournal>
