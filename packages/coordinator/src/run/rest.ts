import type { Deployment } from '@switchover/contract/deployment'
import type { Report } from '@switchover/contract/report'
import type { StepOf } from '../decide/step.ts'
import type { World } from '../decide/world.ts'
import type { ResultEvent } from '../events.ts'
import type { HeldLease } from '../record/lease.ts'
import type { RecordStore } from '../record/store.ts'
import type { Recorder } from '../trace/recorder.ts'
import { writeHistory } from './history.ts'
import type { Ports } from './ports.ts'
import type { ReportReader } from './reports.ts'
import { canaryResult, endResult, heldResult, keptResult, parkedResult } from './results.ts'

/** What a run has at its end. */
type Resting = Readonly<{
  ports: Pick<Ports, 'clients' | 'clock'>
  store: RecordStore
  lease: HeldLease
  recorder: Recorder
  reports: ReportReader
  warn: (text: string) => void
}>

/** Ends the run and leaves its deployment open, as `settled`. */
export async function settle(
  run: Resting,
  step: StepOf<'settle'>,
  settled: Deployment,
  { reports }: Pick<World, 'reports'>,
): Promise<ResultEvent> {
  if (step.stage === 'kept') await forget(run, new Set(step.ended))
  await keepTrace(run, step.stage)
  await run.lease.release(() => settled)
  const ending = endingOf(run, settled)
  if (step.stage === 'kept') return keptResult(ending, step, reports.values())
  if (step.stage === 'held') return heldResult(ending, step, reports.values())
  return step.stage === 'canary' ? canaryResult(ending) : parkedResult(ending)
}

/**
 * Closes the deployment, which stands in the history as `ended`. In this order a kill between two of them is harmless: until
 * the record is empty, the ladder comes here again.
 */
export async function end(run: Resting, step: StepOf<'end'>, ended: Deployment): Promise<ResultEvent> {
  const { ports, store, lease, warn } = run
  for (const { group, field, value, original } of step.kept) {
    warn(
      `${field} of ${group} is left at ${value}, by another hand or because the service has grown; it was ${original}.`,
    )
  }
  const gone = new Set(step.ended)
  const { outcome, kept } = step
  const endedAt = store.clock.now()
  // Read before they are deleted: what failed is told with the last lines of its containers.
  const reports =
    outcome === 'failed' ? await run.reports.read(gone, Number.POSITIVE_INFINITY) : new Map<string, Report>()
  const entry = { schema: 1, outcome, endedAt, kept, deployment: ended } as const
  await writeHistory(ports.clients, store.location, entry, lease)
  await keepTrace(run, outcome)
  await forget(run, gone)
  await lease.release(() => null)
  return endResult(endingOf(run, ended), step, reports.values())
}

async function keepTrace({ recorder, lease, warn }: Resting, rest: string): Promise<void> {
  const problem = await recorder.write(rest, lease)
  if (problem !== null) warn(problem)
}

/** A report too many does no harm, and must not keep a deployment open. */
async function forget({ reports, lease, warn }: Resting, ended: ReadonlySet<string>): Promise<void> {
  const problem = await reports.delete(ended, lease)
  if (problem !== null) warn(problem)
}

function endingOf({ store, ports }: Resting, deployment: Deployment) {
  return { deployment, storeNow: store.clock.now(), at: ports.clock.now() }
}
