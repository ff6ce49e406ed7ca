import { Cron } from 'croner'
import type { Cancel } from '../clock.ts'

/** A scheduled action. Times in milliseconds since the epoch; a size that is null is left as it is. */
export type Schedule = Readonly<{
  name: string
  arn: string
  /** Of a recurring action the next run. */
  startAt: number
  /** No run of a recurring action is later. */
  endAt: number | null
  recurrence: Recurrence | null
  sizes: Sizes
  cancel: Cancel
}>

export type Sizes = Readonly<{ min: number | null; max: number | null; desired: number | null }>

/** Five fields of cron, in an IANA time zone; null is UTC. */
export type Recurrence = Readonly<{ cron: string; timeZone: string | null }>

/** The first run after `after`, null where none comes. @throws {Error} where the fields or the zone are not valid. */
export function nextRun({ cron, timeZone }: Recurrence, after: number): number | null {
  const job = new Cron(cron, { mode: '5-part', paused: true, timezone: timeZone ?? 'UTC' })
  return job.nextRun(new Date(after))?.getTime() ?? null
}

/** The sizes a group has once an action has run; a desired capacity that is not set keeps within the new bounds. */
export function sizesAfter(
  group: Readonly<{ min: number; max: number; desired: number }>,
  sizes: Sizes,
): { min: number; max: number; desired: number } {
  const min = sizes.min ?? group.min
  const max = sizes.max ?? group.max
  return { min, max, desired: sizes.desired ?? Math.max(min, Math.min(max, group.desired)) }
}
