import type { Reason } from '@switchover/contract/report'
import { backoff, type BackoffLimits } from './decide/backoff.ts'
import type { Clock } from './clock.ts'
import type { Failure } from './failure.ts'

type Entry = {
  runs: number
  failures: number
  /** Failures in a row for the same reason. */
  alike: number
  lastAt: number
  nextAt: number
  reason: Reason | null
}

/** Runs of the same step this long apart have nothing to do with each other. */
const forgetMs = 60_000

/** Counts runs of each step, so that what fails, or has to be done again and again, is done ever less often. */
export class Attempts {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #entries = new Map<string, Entry>()

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock
    this.#random = random
  }

  /** Milliseconds until the step may run, 0 for now. */
  dueIn(key: string): number {
    return Math.max(0, (this.#entries.get(key)?.nextAt ?? 0) - this.#clock.now())
  }

  reason(key: string): Reason | null {
    return this.#entries.get(key)?.reason ?? null
  }

  failures(key: string): number {
    return this.#entries.get(key)?.failures ?? 0
  }

  runs(key: string): number {
    return this.#entries.get(key)?.runs ?? 0
  }

  /** Notes a run's end. Returns whether the failure is terminal by its own count: others before it prove nothing. */
  note(key: string, failure: Failure | null, limits: BackoffLimits): boolean {
    const now = this.#clock.now()
    const before = this.#entries.get(key)
    const runs = (before?.runs ?? 0) + 1
    const failures = failure === null ? 0 : (before?.failures ?? 0) + 1
    const reason = failure?.reason ?? null
    const alike = reason === null ? 0 : reason.code === before?.reason?.code ? before.alike + 1 : 1
    const nextAt = now + backoff(runs, limits, this.#random())
    this.#entries.set(key, { runs, failures, alike, lastAt: now, nextAt, reason })
    return failure !== null && failure.terminalAfter !== null && alike >= failure.terminalAfter
  }

  /** Forgets what has not run for a while. */
  settle(): void {
    const now = this.#clock.now()
    for (const [key, entry] of this.#entries) if (now - entry.lastAt > forgetMs) this.#entries.delete(key)
  }
}
