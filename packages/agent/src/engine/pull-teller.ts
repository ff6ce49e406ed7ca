import { formatBytes } from '@switchover/contract/bytes'
import { formatDuration } from '@switchover/contract/duration'
import type { PullProgress } from '@switchover/contract/report'
import type { Clock } from '../clock.ts'
import type { PullState } from '../decide/pull-progress.ts'
import { newMeters, nextMeters, pullProgress } from '../decide/pull-rate.ts'
import { doneShare, progressLine, worthTelling, type Told } from '../decide/pull-words.ts'
import type { Log } from '../log.ts'

export type PullTeller = {
  /** Takes each new state of the pull. */
  seen: (state: PullState) => void
  /** Says that it is done. */
  done: () => void
}

/** Tells how a pull gets on: everything to `show`, a line now and then to the journal. */
export function pullTeller(
  { clock, log }: { clock: Clock; log: Log },
  source: string,
  show: (progress: PullProgress) => void,
): PullTeller {
  const beganAt = clock.now()
  let meters = newMeters(beganAt)
  let told: Told = { at: beganAt, share: 0 }
  let bytes = 0
  log.info(`Pulling ${source}.`)
  return {
    seen: (state) => {
      const now = clock.now()
      meters = nextMeters(meters, state, now)
      const progress = pullProgress(source, state, meters)
      bytes = progress.bytes
      show(progress)
      if (!worthTelling(told, progress, now)) return
      told = { at: now, share: doneShare(progress) }
      log.info(progressLine(progress))
    },
    done: () =>
      log.info(`Pulled ${source}: ${formatBytes(bytes)} in ${formatDuration(clock.now() - beganAt)}.`),
  }
}
