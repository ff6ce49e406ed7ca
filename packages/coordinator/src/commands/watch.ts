import type { Deployment, Lease } from '@switchover/contract/deployment'
import { decide } from '../decide/decide.ts'
import { pollAfter } from '../decide/pace.ts'
import type { ResultEvent } from '../events.ts'
import { errorText } from '../aws/errors.ts'
import { Observer } from '../run/observe.ts'
import type { Look, Ports } from '../run/ports.ts'
import { passes } from '../run/refusals.ts'
import type { StatusOptions } from '../status/read.ts'
import type { Known } from '../status/read.ts'
import { explained, openService, type OpenService } from './service.ts'
import { status, type StatusResult } from './status.ts'
import { endedResult, restResult } from './watch-end.ts'

/** A look at a deployment that somebody brings on, or that nobody does: then `lease` is null, or has run out. */
export type WatchLook = Look & Readonly<{ lease: Lease | null }>

export type Watching = Readonly<{
  /** Told of a deployment under way, look by look; null where its state is wanted in words, as of one at rest. */
  look: ((look: WatchLook) => void) | null
  show: (state: StatusResult, paceMs: number) => void
}>

/** Looks in a row that AWS may leave without an answer. */
const unansweredMost = 20
/** What is at rest is read anew so often, and at once when its record changes. Milliseconds. */
const restMs = 10_000

/**
 * `switchover status SERVICE --watch`: looks until it is interrupted, or until the deployment that was seen under way has
 * come to rest. Reads only, and needs no lease.
 * @returns what the deployment's end means; where it was interrupted, 130 with a deployment under way, else what was seen last
 */
export async function watch(ports: Ports, options: StatusOptions, watching: Watching): Promise<ResultEvent> {
  const { clock, emit, interrupt, pollMs } = ports
  const open = await explained(`reading the status of ${options.service}`, async () =>
    openService(ports, options.service),
  )
  const watcher = new Watcher(ports, options, open, watching)
  for (let unanswered = 0; ;) {
    let paceMs = pollMs
    try {
      const looked = await watcher.look()
      if ('result' in looked) return looked.result
      paceMs = looked.paceMs
      unanswered = 0
    } catch (error) {
      unanswered += 1
      if (!passes(error) || unanswered > unansweredMost) throw error
      const text = `AWS gave no usable answer (${errorText(error)}); looking again.`
      emit({ event: 'warning', at: clock.now(), text })
    }
    await clock.sleep(paceMs, interrupt)
    if (interrupt.aborted) return watcher.interrupted()
  }
}

class Watcher {
  readonly #ports: Ports
  readonly #options: StatusOptions
  readonly #open: OpenService
  readonly #watching: Watching
  readonly #observer: Observer
  readonly #known: Known = {}
  /** The deployment that was seen under way. */
  #followed: Deployment | null = null
  #last: StatusResult | null = null
  /** When that was read, and as of which record. */
  #lastOf: Readonly<{ at: number; etag: string | null }> = { at: Number.NEGATIVE_INFINITY, etag: null }
  #waits = 0

  constructor(ports: Ports, options: StatusOptions, open: OpenService, watching: Watching) {
    this.#ports = ports
    this.#options = options
    this.#open = open
    this.#watching = watching
    this.#observer = new Observer(ports.clients, open.pair.store, open.store.clock, options.service)
  }

  /** One look: milliseconds until the next, or what the end of the deployment means. */
  async look(): Promise<{ paceMs: number } | { result: ResultEvent }> {
    const { clients, clock, pollMs } = this.#ports
    const { store } = this.#open
    const { record, etag } = await store.read()
    const deployment = record?.deployment ?? null
    if (this.#followed !== null && deployment?.id !== this.#followed.id)
      return { result: await endedResult(clients, store.location, this.#followed, clock.now()) }
    if (deployment?.stage === 'running') this.#followed = deployment
    else if (this.#followed !== null && deployment !== null) {
      const result = restResult(deployment, { storeNow: store.clock.now(), at: clock.now() })
      if (result !== null) return { result }
    }
    if (this.#watching.look !== null && deployment?.stage === 'running')
      return { paceMs: await this.#lookAt(deployment, record?.lease ?? null) }
    const at = clock.now()
    const rests = deployment?.stage !== 'running'
    if (rests && etag === this.#lastOf.etag && at - this.#lastOf.at < restMs) return { paceMs: pollMs }
    this.#last = await status(this.#ports, this.#options, this.#known)
    this.#lastOf = { at, etag }
    this.#watching.show(this.#last, rests ? Math.max(pollMs, restMs) : pollMs)
    return { paceMs: pollMs }
  }

  /** What the ladder makes of the same world is what whoever has the lease waits for. */
  async #lookAt(deployment: Deployment, lease: Lease | null): Promise<number> {
    const world = await this.#observer.observe(deployment)
    const step = decide(world)
    const { pollMs } = this.#ports
    const paceMs = step.kind === 'wait' ? pollAfter(world, step, this.#waits, pollMs) : pollMs
    this.#waits = step.kind === 'wait' ? this.#waits + 1 : 0
    this.#watching.look?.({ world, step, paceMs: Math.max(pollMs, paceMs), lease })
    return Math.max(pollMs, paceMs)
  }

  interrupted(): ResultEvent {
    const at = this.#ports.clock.now()
    if (this.#followed === null && this.#last !== null) return this.#last
    const { service } = this.#options
    const text = `No longer watching ${service}; what is under way goes on without it.`
    const next = `switchover status ${service} --watch`
    return { event: 'result', at, text, outcome: 'interrupted', exitCode: 130, next, details: {} }
  }
}
