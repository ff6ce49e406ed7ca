import type { Interruption } from './decide/lifecycle.ts'
import type { Phase, PullProgress, Reason, Report } from '@switchover/contract/report'
import type { Identity, VerifiedImage, Wanted } from './decide/observation.ts'
import type { Decision, Work } from './decide/step.ts'
import type { StatusAnswer } from './status-answer.ts'
import { version as agentVersion } from '@switchover/contract/version'

/** Where reports go and whom they name: what the group's tags say even before they say a version. */
export type Place = { group: string; service: string; store: string; deployment: string | null }

export type ServiceLog = { service: string; lines: string[] }

/** What the agent is at. Times are moments of its clock. */
export type WorkView = {
  step: Work['kind']
  image: string | null
  /** Whether it is under way; else it waits for its next try. */
  runs: boolean
  /** Since when it runs, or when it is tried. */
  at: number
  /** Failures in a row before. */
  failures: number
}

/** What the agent says of its instance, to the load balancer, to S3 and to people. */
export class Status {
  readonly #wall: (at: number) => Date
  #phase: Phase = 'booting'
  #since: number
  #ready = false
  #pooled = false
  #reason: Reason | null = null
  #images: readonly VerifiedImage[] = []
  readonly #timings = new Map<Phase, number>()
  readonly #listeners = new Set<() => void>()
  identity: Identity | null = null
  place: Place | null = null
  wanted: Wanted | null = null
  logs: readonly ServiceLog[] = []
  #interruption: Interruption | null = null
  #rebalanceAt: number | null = null
  #lastError: (Reason & { at: number }) | null = null
  work: WorkView | null = null
  /** Of the pull under way, null while there is none. */
  progress: PullProgress | null = null

  /** @param wall the wall clock's time for a moment of the agent's own */
  constructor(now: number, wall: (at: number) => Date) {
    this.#since = now
    this.#wall = wall
  }

  get phase(): Phase {
    return this.#phase
  }

  get ready(): boolean {
    return this.#ready
  }

  /** Whether the warm pool may put the instance away. */
  get pooled(): boolean {
    return this.#pooled
  }

  get reason(): Reason | null {
    return this.#reason
  }

  /** EC2's notice that it takes the instance back, null where there is none. */
  get interruption(): Interruption | null {
    return this.#interruption
  }

  /** When EC2 recommended to replace the instance, null where it did not. */
  get rebalanceAt(): number | null {
    return this.#rebalanceAt
  }

  /** @returns what takes the listener back */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes a decision over; listeners hear of it where phase, readiness or the reason's code is another. */
  update(decision: Decision, reason: Reason | null, now: number): void {
    const changed =
      decision.phase !== this.#phase || decision.ready !== this.#ready || reason?.code !== this.#reason?.code
    if (decision.phase !== this.#phase) {
      this.#timings.set(this.#phase, this.#spent(this.#phase, now))
      this.#phase = decision.phase
      this.#since = now
    }
    this.#ready = decision.ready
    this.#pooled = decision.pooled ?? false
    this.#reason = reason
    // What ends, or rests in the warm pool, is in order.
    const calm = decision.phase === 'draining' || this.#pooled
    if (reason !== null && !calm) this.#lastError = { ...reason, at: now }
    this.#images = decision.images
    if (reason === null) this.logs = []
    if (changed) this.#tell()
  }

  /** Takes EC2's notices over; listeners hear of what is new. */
  notice(interruption: Interruption | null, rebalanceAt: number | null): void {
    const before = this.#interruption
    const changed =
      before?.time !== interruption?.time ||
      before?.action !== interruption?.action ||
      rebalanceAt !== this.#rebalanceAt
    this.#interruption = interruption
    this.#rebalanceAt = rebalanceAt
    if (changed) this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }

  #spent(phase: Phase, now: number): number {
    const before = this.#timings.get(phase) ?? 0
    return phase === this.#phase ? before + Math.max(0, now - this.#since) : before
  }

  /** Milliseconds spent in each phase so far. */
  timings(now: number): Partial<Record<Phase, number>> {
    const phases = new Set([...this.#timings.keys(), this.#phase])
    return Object.fromEntries([...phases].map((phase) => [phase, this.#spent(phase, now)]))
  }

  /** The report, or null until the instance knows who it is. */
  report(now: number): Report | null {
    if (this.identity === null) return null
    return { instanceId: this.identity.instanceId, ...this.#told(now) }
  }

  /** The report with what only this machine's people need, at any time. */
  answer(now: number): StatusAnswer {
    const { work, identity } = this
    const error = this.#lastError
    return {
      instanceId: identity?.instanceId ?? null,
      ready: this.#ready,
      ...this.#told(now),
      work: work && { ...work, at: this.#wall(work.at).toISOString() },
      lastError: error && { ...error, at: this.#wall(error.at).toISOString() },
    }
  }

  #told(now: number): Omit<Report, 'instanceId'> {
    return {
      group: this.place?.group ?? null,
      service: this.place?.service ?? null,
      deployment: this.place?.deployment ?? null,
      phase: this.#phase,
      since: this.#wall(this.#since).toISOString(),
      writtenAt: this.#wall(now).toISOString(),
      version: this.wanted?.version ?? null,
      bundle: this.wanted?.bundle ?? null,
      images: this.#images.map((image) => ({ ...image })),
      reason: this.#reason,
      ...this.#notices(),
      ...(this.progress === null ? {} : { progress: this.progress }),
      logs: this.logs.map(({ service, lines }) => ({ service, lines })),
      timings: this.timings(now),
      agent: agentVersion,
    }
  }

  #notices(): Pick<Report, 'interruption' | 'rebalanceRecommended'> {
    const interruption = this.#interruption
    return {
      ...(interruption !== null && {
        interruption: { action: interruption.action, at: new Date(interruption.time).toISOString() },
      }),
      ...(this.#rebalanceAt !== null && {
        rebalanceRecommended: new Date(this.#rebalanceAt).toISOString(),
      }),
    }
  }
}
