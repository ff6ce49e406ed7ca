import { PutObjectCommand } from '@aws-sdk/client-s3'
import { formatDuration } from '@switchover/contract/duration'
import { storeKeys } from '@switchover/contract/store'
import type { Deployment } from '@switchover/contract/deployment'
import type { InstanceTrace, Trace } from '@switchover/contract/trace'
import { errorText } from '../aws/errors.ts'
import type { World } from '../decide/world.ts'
import type { Emit } from '../events.ts'
import type { HeldLease } from '../record/lease.ts'
import type { RecordStore } from '../record/store.ts'
import { sendPermitted } from '../run/permitted.ts'
import type { Ports } from '../run/ports.ts'
import { countCalls } from './count-calls.ts'
import { Tally } from './tally.ts'
import { happened, most, nothingSeen, seen, type Watched } from './watch.ts'

/** A run that is to end does not wait longer for its trace to be written. Milliseconds. */
const patienceMs = 5_000

/** Keeps what one run sees, in memory, and writes it once: no look costs a call more for it. */
export class Recorder {
  readonly #ports: Ports
  readonly #store: Pick<RecordStore, 'clock' | 'location'>
  readonly #begun: Deployment
  readonly #tally: Tally
  readonly #stopCounting: () => void
  #watched: Watched
  #written = false
  #complained = false

  constructor(ports: Ports, store: Pick<RecordStore, 'clock' | 'location'>, begun: Deployment) {
    this.#ports = ports
    this.#store = store
    this.#begun = begun
    const from = store.clock.now()
    this.#watched = nothingSeen(from)
    this.#tally = new Tally(from)
    this.#stopCounting = countCalls(ports.clients, (operation) =>
      this.#tally.add(operation, store.clock.now()),
    )
  }

  see(world: World, launchedAt: ReadonlyMap<string, number>): void {
    this.#watched = seen(this.#watched, world, launchedAt)
  }

  /** Passes events on, and keeps those that no look at the world shows. */
  tap(emit: Emit): Emit {
    return (event) => {
      if (event.event === 'warning' || event.event === 'progress') {
        const at = this.#store.clock.now() - this.#watched.from
        this.#watched = happened(this.#watched, { at, kind: event.event, text: event.text })
      }
      emit(event)
    }
  }

  /**
   * Writes the trace, once. Safe to repeat: the key is this run's own. One that is lost must not keep a deployment open, so
   * that nothing is thrown.
   * @returns why it could not be written, null where it was, or where that was said before
   */
  async write(rest: string, lease: Pick<HeldLease, 'permit'>): Promise<string | null> {
    this.#stopCounting()
    if (this.#written || this.#watched.instances.size === 0) return null
    const { service, id } = this.#begun
    const { location } = this.#store
    const command = new PutObjectCommand({
      Bucket: location.bucket,
      Key: storeKeys(location.prefix, service).trace(id, this.#watched.from),
      Body: JSON.stringify(this.#trace(rest)),
      ContentType: 'application/json',
    })
    const done = new AbortController()
    const sent = sendPermitted(lease, command, (how) => this.#ports.clients.s3.send(command, how))
    sent.catch(() => undefined)
    try {
      const tooLate = this.#ports.clock.sleep(patienceMs, done.signal).then(() => null)
      this.#written = (await Promise.race([sent, tooLate])) !== null
      if (this.#written) return null
      throw new Error(`S3 gave no answer within ${formatDuration(patienceMs)}.`)
    } catch (error) {
      if (this.#complained) return null
      this.#complained = true
      return `What this run saw could not be kept for \`switchover report\` (${errorText(error).replace(/\.$/, '')}).`
    } finally {
      done.abort()
    }
  }

  #trace(rest: string): Trace {
    const { id, service, goal } = this.#begun
    const { instances, ...watched } = this.#watched
    return {
      schema: 1,
      id,
      service,
      owner: this.#ports.owner,
      goal,
      rest,
      ...watched,
      instances: withFewLogs([...instances.values()]),
      calls: this.#tally.counted(),
    }
  }
}

/** A whole fleet fails with the same words: a few tell them. */
function withFewLogs(instances: readonly InstanceTrace[]): InstanceTrace[] {
  let logs = 0
  return instances.map((one) => {
    if (one.agent === null || one.agent.logs.length === 0) return one
    logs += 1
    return logs <= most.logs ? one : { ...one, agent: { ...one.agent, logs: [] } }
  })
}
