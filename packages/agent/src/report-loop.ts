import type { Phase } from '@switchover/contract/report'
import { backoff } from './decide/backoff.ts'
import { errorText } from './failure.ts'
import { failedLogs } from './failed-logs.ts'
import type { Knowledge } from './knowledge.ts'
import type { Parts } from './parts.ts'
import type { Status } from './status.ts'
import { Waker } from './waker.ts'

const retry = { baseMs: 1_000, capMs: 60_000 }

/** Milliseconds between two reports where nothing changes: a boot is watched, a serving fleet is not. */
export function reportInterval(phase: Phase): number {
  if (phase === 'parked') return 60_000
  return phase === 'ready' || phase === 'failed' ? 600_000 : 15_000
}

/** Writes the report at every change and now and then. What goes wrong here changes nothing about the instance. */
export async function keepReporting(
  parts: Parts,
  knowledge: Knowledge,
  status: Status,
  stop: AbortSignal,
): Promise<void> {
  const waker = new Waker(parts.clock)
  status.onChange(() => waker.wake())
  stop.addEventListener('abort', () => waker.wake())
  let failures = 0
  while (!stop.aborted) {
    try {
      await writeReport(parts, knowledge, status)
      failures = 0
      await waker.wait(reportInterval(status.phase))
    } catch (error) {
      failures += 1
      parts.log.warn(`The report was not written: ${errorText(error)}`)
      await parts.clock.sleep(backoff(failures, retry, parts.random()), stop)
    }
  }
}

/** Writes one report, where it is known already whose and where. */
export async function writeReport(parts: Parts, knowledge: Knowledge, status: Status): Promise<void> {
  const { cloud } = knowledge
  const { place } = status
  if (cloud === null || place === null) return
  status.logs = await failedLogs(parts, knowledge, status)
  const report = status.report(parts.clock.now())
  if (report !== null) await cloud.reports.put(place, report)
}
