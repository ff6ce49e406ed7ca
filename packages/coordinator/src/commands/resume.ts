import { formatDuration } from '@switchover/contract/duration'
import type { Deployment } from '@switchover/contract/deployment'
import { Refusal, type ResultEvent } from '../events.ts'
import { lockedBy, stands } from '../record/lease.ts'
import type { Ports } from '../run/ports.ts'
import { nothingToDo } from '../run/results.ts'
import type { ResumeOptions } from './options.ts'
import { explained, goingOn, openService, takeAndRun, type OpenService } from './service.ts'

/** Between two looks at somebody's lease. Milliseconds. */
const lookMs = 1_000

/**
 * Goes on with an interrupted deployment, towards the goal it had.
 * While somebody's lease stands it watches the record: a change proves the holder alive, and a lease that runs out
 * unchanged is taken over.
 * @throws {Refusal} (3) the holder is alive · and what the run itself throws.
 */
export function resume(ports: Ports, options: ResumeOptions): Promise<ResultEvent> {
  const { service } = options
  return explained(`resuming ${service}`, async () => {
    const found = await openService(ports, service)
    const open = options.takeOver ? takeOver(ports, found, service) : await outlive(ports, found, service)
    const deployment = open.stored.record?.deployment
    if (!deployment) return nothingToDo(ports.clock.now(), `There is nothing to resume on ${service}.`)
    if (deployment.stage === 'parked') {
      const text = `There is nothing to resume: ${service} runs ${deployment.version}, and the earlier fleet is parked.`
      return nothingToDo(ports.clock.now(), text)
    }
    if (deployment.stage === 'kept') return keptWaits(ports.clock.now(), deployment)
    if (deployment.stage === 'canary') return canaryWaits(ports.clock.now(), deployment)
    return takeAndRun(ports, open, options, goingOn(deployment, open.store.clock.now()))
  })
}

function canaryWaits(at: number, { service, version, old }: Deployment): ResultEvent {
  const text = `There is nothing to resume: ${version} serves as a canary beside ${old.name} until you decide.`
  const next = `switchover promote ${service}, or switchover rollback ${service}`
  return { ...nothingToDo(at, text), next }
}

function keptWaits(at: number, { service, version, new: fresh }: Deployment): ResultEvent {
  const text = `There is nothing to resume: ${version} was rolled back, and instances of it are kept in ${fresh.name} until you finish.`
  return { ...nothingToDo(at, text), next: `switchover finish ${service}` }
}

function takeOver(ports: Ports, open: OpenService, service: string): OpenService {
  const lease = open.stored.record?.lease
  const now = open.store.clock.now()
  if (stands(lease, now)) {
    const left = formatDuration(lease.expiresAt - now)
    const text = `Taking over ${service} from ${lease.owner}, whose lease would run for another ${left}: be sure that it is dead.`
    ports.emit({ event: 'warning', at: ports.clock.now(), text })
  }
  return open
}

/** Waits until no lease stands; the wait is bounded by the lease itself, for any renewal ends it. */
async function outlive(ports: Ports, found: OpenService, service: string): Promise<OpenService> {
  let stored = found.stored
  for (;;) {
    const lease = stored.record?.lease
    const now = found.store.clock.now()
    if (!stands(lease, now)) return { ...found, stored }
    const left = lease.expiresAt - now
    const waitingFor = `the lease of ${lease.owner}`
    const until = new Date(lease.expiresAt).toISOString().slice(11, 19)
    const text = `Waiting for ${waitingFor} to run out at ${until}.`
    ports.emit({ event: 'wait', at: ports.clock.now(), text, waitingFor, instances: [] })
    await ports.clock.sleep(Math.min(lookMs, left + 1), ports.interrupt)
    if (ports.interrupt.aborted) {
      throw new Refusal(
        130,
        'interrupted',
        'Interrupted before anything was done.',
        `switchover resume ${service}`,
      )
    }
    const next = await found.store.read()
    const changed = next.etag !== stored.etag
    if (changed && stands(next.record?.lease, found.store.clock.now())) {
      throw lockedBy(service, next.record?.lease ?? lease, found.store.clock.now())
    }
    stored = next
  }
}
