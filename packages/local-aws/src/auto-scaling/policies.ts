import type { Output } from '../wire/operation.ts'

export const policyTypes = [
  'SimpleScaling',
  'StepScaling',
  'TargetTrackingScaling',
  'PredictiveScaling',
] as const

export const adjustmentTypes = ['ChangeInCapacity', 'ExactCapacity', 'PercentChangeInCapacity'] as const

export type Adjustment = Readonly<{
  type: (typeof adjustmentTypes)[number]
  /** Instances a percentage moves at the least, null where none was set. */
  minMagnitude: number | null
}>

/** Bounds are distances from the alarm's threshold; null is infinity on its side. */
export type Step = Readonly<{ lower: number | null; upper: number | null; by: number }>

/** What a policy does, by its type. Durations in seconds, null where the group's default counts. */
export type PolicySettings =
  | Readonly<{ type: 'SimpleScaling'; adjustment: Adjustment; by: number; cooldownS: number | null }>
  | Readonly<{
      type: 'StepScaling'
      adjustment: Adjustment
      steps: readonly Step[]
      aggregation: string
      warmupS: number | null
    }>
  | Readonly<{
      type: 'TargetTrackingScaling'
      target: number
      scaleIn: boolean
      /** As it was sent, with the defaults in it. */
      configuration: Output
      warmupS: number | null
    }>
  | Readonly<{ type: 'PredictiveScaling'; configuration: Output }>

export type Policy = {
  readonly name: string
  readonly arn: string
  settings: PolicySettings
  enabled: boolean
  /** Names of the alarms a target tracking policy made for itself: high, then low. */
  ownAlarms: readonly string[]
}

/**
 * Desired capacity after an adjustment, within the group's bounds. A percentage of less than one instance counts as one,
 * of more it is cut to whole ones (UG as-scaling-simple-step).
 */
export function adjusted(
  { type, minMagnitude }: Adjustment,
  by: number,
  group: Readonly<{ min: number; max: number; desired: number }>,
): number {
  return within(group, type === 'ExactCapacity' ? by : group.desired + change())

  function change(): number {
    if (type === 'ChangeInCapacity') return by
    const share = (group.desired * by) / 100
    const whole = Math.abs(share) < 1 ? Math.abs(Math.sign(share)) : Math.trunc(Math.abs(share))
    return Math.sign(by) * Math.max(whole, minMagnitude ?? 0)
  }
}

export function within({ min, max }: Readonly<{ min: number; max: number }>, desired: number): number {
  return Math.max(min, Math.min(max, desired))
}

/**
 * The step for a metric that is `breach` above its threshold. Above it lower bounds are inclusive and upper ones
 * exclusive, below it the other way round (UG as-scaling-simple-step). Undefined where no step covers it.
 */
export function stepFor(steps: readonly Step[], breach: number): Step | undefined {
  return steps.find(({ lower, upper }) => {
    const low = lower ?? -Infinity
    const high = upper ?? Infinity
    return breach >= 0 ? low <= breach && breach < high : low < breach && breach <= high
  })
}

/** The step nearest to the threshold, where an alarm tells of no metric: above it, or below it for an alarm that looks down. */
export function firstStep(steps: readonly Step[], down: boolean): Step | undefined {
  const fromTop = steps.toSorted((a, b) => (a.lower ?? -Infinity) - (b.lower ?? -Infinity))
  if (!down) return fromTop.find(({ upper }) => upper === null || upper > 0)
  return fromTop.findLast(({ lower }) => lower === null || lower < 0)
}
