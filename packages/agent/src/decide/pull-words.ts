import { formatBytes } from '@switchover/contract/bytes'
import type { PullProgress } from '@switchover/contract/report'
import { formatDuration } from '@switchover/contract/duration'

/** One line for the journal: how much is here, how fast, how long still. */
export function progressLine(progress: PullProgress): string {
  const { image, bytes, total, bytesPerSecond, remainingMs } = progress
  const left = remainingMs === null ? '' : `, about ${formatDuration(remainingMs)} left`
  if (total !== null && bytes >= total)
    return `Pulling ${image}: all ${formatBytes(total)} here, ${percent(progress.unpacked, total)} unpacked${left}.`
  const here =
    total === null
      ? `${formatBytes(bytes)} so far`
      : `${formatBytes(bytes)} of ${formatBytes(total)} (${percent(bytes, total)})`
  return `Pulling ${image}: ${here}, ${formatBytes(bytesPerSecond)}/s${left}.`
}

function percent(part: number, whole: number): string {
  return `${whole === 0 ? 100 : Math.floor((part / whole) * 100)} %`
}

/** What the journal was told last. */
export type Told = Readonly<{ at: number; share: number }>

const apartMs = 5_000
const silentMs = 30_000
const shareStep = 0.1

/** How much of the whole work is done, in [0, 1]: everything has to come, and to be unpacked. */
export function doneShare({ bytes, unpacked, total }: PullProgress): number {
  if (total === null || total === 0) return 0
  return (bytes + unpacked) / (2 * total)
}

/** Whether the journal wants a line: every tenth of the work and every half minute, never two within five seconds. */
export function worthTelling(told: Told, progress: PullProgress, now: number): boolean {
  if (now - told.at < apartMs) return false
  return now - told.at >= silentMs || doneShare(progress) - told.share >= shareStep
}
