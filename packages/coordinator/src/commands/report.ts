import type { Deployment } from '@switchover/contract/deployment'
import type { StoreLocation } from '@switchover/contract/store'
import type { Trace } from '@switchover/contract/trace'
import { refusalOf } from '../aws/errors.ts'
import { Refusal, type ResultEvent } from '../events.ts'
import { listIds } from '../history/ids.ts'
import { readEndedOne } from '../history/read.ts'
import { readTraces } from '../history/read-traces.ts'
import { storeProblem } from '../aws/objects.ts'
import { Observer } from '../run/observe.ts'
import type { Ports } from '../run/ports.ts'
import type { Timeline } from '../timeline/model.ts'
import { pastTimeline, type Subject } from '../timeline/past.ts'
import { nothingSeen, seen } from '../trace/watch.ts'
import { stands } from '../record/lease.ts'
import { openService, type OpenService } from './service.ts'

export type ReportResult = ResultEvent & { details: { service: string; timeline: Timeline } }

type Reading = Pick<Ports, 'clients' | 'clock' | 'random' | 'emit'>

/** Ids that are named where one is not known. */
const named = 5

/**
 * `switchover report SERVICE [ID]`: the story of one deployment, the open one or the last that ended unless told otherwise.
 * Changes nothing and needs no lease.
 * @throws {Refusal} (2) no such service, no store, no such deployment, or none at all.
 */
export async function report(ports: Reading, service: string, id: string | null): Promise<ReportResult> {
  const open = await openService(ports, service)
  const { location } = open.store
  try {
    const timeline = pastTimeline(await subjectOf(ports, open, service, id))
    const { summary: text } = timeline
    const details = { service, timeline }
    return { event: 'result', at: ports.clock.now(), text, outcome: 'done', exitCode: 0, next: null, details }
  } catch (error) {
    throw error instanceof Refusal ? error : storeProblem(location.bucket, error)
  }
}

async function subjectOf(
  ports: Reading,
  open: OpenService,
  service: string,
  id: string | null,
): Promise<Subject> {
  const { location, clock } = open.store
  const { deployment: current = null, lease = null } = open.stored.record ?? {}
  if (current !== null && (id === null || id === current.id)) {
    const { traces, older } = await tracesOf(ports, location, service, current.id)
    const look = current.stage === 'running' ? await lookNow(ports, open, current) : null
    const atWork = stands(lease, clock.now()) ? lease.owner : null
    const all = look === null ? traces : [...traces, look]
    return { deployment: current, ended: null, atWork, traces: all, older }
  }
  const list = async () => (await listIds(ports.clients.s3, location, service)).ids
  const wanted = id ?? (await list())[0]
  if (wanted === undefined) throw none(service)
  const read = await readEndedOne(ports.clients, location, service, wanted)
  if (read === null)
    throw unknown(service, wanted, [...(current === null ? [] : [current.id]), ...(await list())])
  const { deployment, outcome, endedAt } = read
  const found = await tracesOf(ports, location, service, wanted)
  return { deployment, ended: { outcome, endedAt }, atWork: null, ...found }
}

async function tracesOf(
  { clients, clock, emit }: Reading,
  location: StoreLocation,
  service: string,
  id: string,
): Promise<Pick<Subject, 'traces' | 'older'>> {
  const { unreadable, ...found } = await readTraces(clients, location, service, id)
  for (const key of unreadable)
    emit({ event: 'warning', at: clock.now(), text: `${key} in the store cannot be read and is left out.` })
  return found
}

/** One look at what is under way, or was left lying by a coordinator that was killed. */
async function lookNow(
  { clients, clock, emit }: Reading,
  open: OpenService,
  deployment: Deployment,
): Promise<Trace | null> {
  const { store, pair } = open
  const observer = new Observer(clients, store.location, store.clock, pair.service)
  try {
    const world = await observer.observe(deployment)
    const { instances, ...watched } = seen(nothingSeen(world.now), world, observer.launchedAt)
    return {
      schema: 1,
      id: deployment.id,
      service: deployment.service,
      owner: 'report',
      goal: deployment.goal,
      rest: 'now',
      ...watched,
      instances: [...instances.values()],
      calls: { bucketMs: 1_000, operations: {} },
    }
  } catch (error) {
    const refusal = refusalOf(error, `looking at ${pair.service}`)
    if (refusal === null) throw error
    emit({ event: 'warning', at: clock.now(), text: `How it is now cannot be told: ${refusal.message}` })
    return null
  }
}

function none(service: string): Refusal {
  return new Refusal(
    2,
    'refused',
    `There is nothing to report: no deployment of ${service} is open, and none has ended.`,
    `switchover deploy ${service} VERSION --plan`,
  )
}

function unknown(service: string, id: string, ids: readonly string[]): Refusal {
  const shown = ids.slice(0, named)
  const latest =
    shown.length === 0
      ? 'there is none yet'
      : `the latest ${shown.length === 1 ? 'is' : 'are'} ${shown.join(', ')}`
  const [first] = shown
  const next = first === undefined ? `switchover history ${service}` : `switchover report ${service} ${first}`
  return new Refusal(2, 'refused', `${service} has no deployment ${id}; ${latest}.`, next)
}
