import { formatDuration } from '@switchover/contract/duration'

/** Steps people count time in, milliseconds. */
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400].map(
  (seconds) => seconds * 1_000,
)

/** Moments for an axis of `lengthMs`, 0 among them, and hardly more than `most`. */
export function ticksOf(lengthMs: number, most: number): number[] {
  const step =
    steps.find((one) => lengthMs / one <= most) ?? Math.ceil(lengthMs / most / 86_400_000) * 86_400_000
  return Array.from({ length: Math.floor(lengthMs / step) + 1 }, (_, index) => index * step)
}

/** `0s`, `30s`, `1m30s`: whole seconds as such. */
export function tickWords(ms: number): string {
  return formatDuration(ms).replace('.0s', 's')
}
