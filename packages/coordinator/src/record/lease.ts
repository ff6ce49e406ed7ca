import { formatDuration } from '@switchover/contract/duration'
import type { Clock } from '../clock.ts'
import type { Deployment, DeploymentRecord, Lease } from '@switchover/contract/deployment'
import { Refusal } from '../events.ts'
import { createWatch, type Watch } from './watch.ts'
import type { RecordStore, Stored } from './store.ts'

/** Kept back from the lease for a call that is being aborted, and may still arrive. Milliseconds. */
const marginMs = 1_000
/** Writes of our own that landed late are met at most so often in a row. */
const ownWritesMet = 3

/** The right to act has run out before a call was sent; the lease itself may still be ours. */
export class StalePermission extends Error {
  override readonly name = 'StalePermission'
}

/** Whether somebody else may act now: a lease that has not run out by the store's time. */
export function stands(lease: Lease | null | undefined, now: number): lease is Lease {
  return lease !== null && lease !== undefined && lease.expiresAt > now
}

export function lockedBy(service: string, lease: Lease, now: number): Refusal {
  const left = formatDuration(Math.max(0, lease.expiresAt - now))
  const until = new Date(lease.expiresAt).toISOString().replace(/\.\d+Z$/, 'Z')
  return new Refusal(
    3,
    'locked',
    `${lease.owner} is at work on ${service}; its lease runs until ${until}, ${left} from now.`,
    `switchover status ${service}`,
  )
}

type Options = Readonly<{ store: RecordStore; clock: Clock; owner: string; leaseMs: number; service: string }>

/**
 * The lease while it is ours, and the one writer of the record in this process. Every write renews; where nothing else
 * is written, it renews itself every third of its length. Held without a deployment, nothing is open.
 */
export class HeldLease<D extends Deployment | null = Deployment> {
  readonly #options: Options
  readonly #closed = new AbortController()
  readonly #lost = new AbortController()
  #etag: string | null
  #deployment: D
  /** Started before the last write that took effect was sent. */
  #watch: Watch
  /** As that write says, by the store's clock. */
  #expiresAt = 0
  #queue: Promise<unknown> = Promise.resolve()
  #renewing: Promise<void> = Promise.resolve()

  private constructor(options: Options, etag: string | null, deployment: D) {
    this.#options = options
    this.#etag = etag
    this.#deployment = deployment
    this.#watch = createWatch(options.clock)
  }

  /**
   * Takes the lease and writes `deployment` with it in one conditional write on what was read.
   * @throws {Refusal} (3) where another coordinator came first.
   */
  static async acquire<D extends Deployment | null>(
    options: Options,
    stored: Stored,
    deployment: D,
  ): Promise<HeldLease<D>> {
    const lease = new HeldLease(options, stored.etag, deployment)
    await lease.#write(deployment, true)
    lease.#renewing = lease.#renew()
    return lease
  }

  /** As last written. */
  get deployment(): D {
    return this.#deployment
  }

  /** Aborted when another coordinator was seen in the record: everything stops. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /**
   * Writes what `change` makes of the deployment as last written, and renews.
   * @throws {Refusal} (3) where the lease is gone.
   */
  update(change: (deployment: D) => D): Promise<void> {
    return this.#enqueue(() => this.#write(change(this.#deployment), true))
  }

  /**
   * The last write: gives the lease back together with what `change` leaves, null for no open deployment. Where it fails the
   * lease is held and renewed as before, and may be given back later.
   */
  async release(change: (deployment: D) => D | null): Promise<void> {
    await this.#enqueue(async () => {
      await this.#write(change(this.#deployment), false)
      this.#closed.abort()
    })
    await this.#renewing
  }

  /** Stops renewing without a word to the store: for a process that must not write any more. */
  async abandon(): Promise<void> {
    this.#closed.abort()
    await this.#renewing
  }

  /** Milliseconds for which calls may still be sent: by our own watch, and until others may see the lease run out. */
  remaining(): number {
    const { leaseMs, store } = this.#options
    return Math.min(leaseMs - marginMs - this.#watch.elapsed(), this.#expiresAt - store.clock.latest())
  }

  /** @throws {Refusal} (3) lease lost · {StalePermission} no right to act just now. */
  check(): void {
    this.#lost.signal.throwIfAborted()
    if (this.remaining() <= 0) throw new StalePermission('The lease was not renewed in time.')
  }

  /**
   * Runs one changing call. `signal` aborts when the right to act runs out while it is under way, and `check` is for
   * the caller to run before each attempt, for a process that slept wakes with its timers late.
   */
  async permit<T>(call: (signal: AbortSignal, check: () => void) => Promise<T>): Promise<T> {
    this.check()
    const deadline = new AbortController()
    const done = new AbortController()
    const watching = this.#watchDeadline(deadline, done.signal)
    try {
      return await call(deadline.signal, () => this.check())
    } finally {
      done.abort()
      await watching
    }
  }

  async #watchDeadline(deadline: AbortController, done: AbortSignal): Promise<void> {
    // Renewals while the call runs move the deadline on.
    for (let left = this.remaining(); left > 0 && !done.aborted; left = this.remaining()) {
      await this.#options.clock.sleep(left, done)
    }
    if (!done.aborted) deadline.abort(new StalePermission('The lease was not renewed in time.'))
  }

  #enqueue(write: () => Promise<void>): Promise<void> {
    const result = this.#queue.then(write)
    this.#queue = result.catch(() => undefined)
    return result
  }

  async #renew(): Promise<void> {
    const { clock, leaseMs } = this.#options
    const closed = this.#closed.signal
    while (!closed.aborted && !this.#lost.signal.aborted) {
      const due = Math.ceil(leaseMs / 3) - this.#watch.elapsed()
      if (due > 0) {
        await clock.sleep(due, closed)
        continue
      }
      try {
        await this.#enqueue(async () => {
          // It may have been given back while this waited its turn.
          if (!closed.aborted) await this.#write(this.#deployment, true)
        })
      } catch {
        // Lost: seen by `check`. Out of reach: tried again soon, and nothing is sent once the permission has run out.
        await clock.sleep(Math.min(leaseMs / 6, 1_000), closed)
      }
    }
  }

  async #write(deployment: D | null, hold: boolean): Promise<void> {
    this.#lost.signal.throwIfAborted()
    const { store, clock, owner, leaseMs, service } = this.#options
    // A process that was stopped may have a clock that was stopped, too: it asks for the time first.
    if (this.#expiresAt > 0 && this.remaining() <= 0) await store.read()
    const watch = createWatch(clock)
    const expiresAt = store.clock.now() + leaseMs
    const lease = hold ? { owner, expiresAt } : null
    const record: DeploymentRecord = { schema: 1, service, lease, deployment }
    for (let met = 0; met <= ownWritesMet; met += 1) {
      const result = await store.write(record, this.#etag)
      if (result.kind === 'written') {
        this.#etag = result.etag
        if (deployment !== null) this.#deployment = deployment
        this.#watch = watch
        this.#expiresAt = expiresAt
        return
      }
      if (result.current.record?.lease?.owner !== owner) throw this.#loseTo(result.current)
      this.#etag = result.current.etag
    }
    throw new Error('The record keeps changing under our own name.')
  }

  #loseTo({ record }: Stored): Refusal {
    const { store, service } = this.#options
    const refusal = record?.lease
      ? lockedBy(service, record.lease, store.clock.now())
      : new Refusal(
          3,
          'locked',
          `Another coordinator has worked on ${service} meanwhile; nothing more is done here.`,
          `switchover status ${service}`,
        )
    this.#lost.abort(refusal)
    return refusal
  }
}
