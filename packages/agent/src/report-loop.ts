import type { Phase } from '@switchover/contract/report'
import { lasts } from './decide/lasting.ts'
import { failedLogs } from './failed-logs.ts'
import type { Knowledge } from './knowledge.ts'
import type { Parts } from './parts.ts'
import { recurring } from './recurring.ts'
import type { Status } from './status.ts'
import { Waker } from './waker.ts'

const retry = { baseMs: 1_000, capMs: 60_000 }
/** A phase passed through in less is told with what follows: a boot needs the processor for itself. */
const passingMs = 300

/** Milliseconds between two reports where nothing changes: a boot is watched, a serving fleet is not. */
export function reportInterval(phase: Phase): number {
  if (phase === 'parked') return 60_000
  return phase === 'ready' || phase === 'failed' ? 600_000 : 15_000
}

/**
 * Writes the report at every change, of phases a machine passes through once they last, and now and then. What goes wrong
 * here changes nothing about the instance.
 */
export async function keepReporting(
  parts: Parts,
  knowledge: Knowledge,
  status: Status,
  stop: AbortSignal,
): Promise<void> {
  const arrived = new Waker(parts.clock)
  status.onChange(() => {
    if (lasts(status.phase)) arrived.wake()
  })
  stop.addEventListener('abort', () => arrived.wake())
  const task = async (): Promise<number> => {
    if (!lasts(status.phase)) await arrived.wait(passingMs)
    await writeReport(parts, knowledge, status)
    return status.pooled ? reportInterval('parked') : reportInterval(status.phase)
  }
  await recurring(parts, status, stop, { task, failed: 'The report was not written', retry })
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
