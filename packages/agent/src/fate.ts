import { unknownHealth } from './decide/health.ts'
import { nextEnding, type Ending } from './decide/lifecycle.ts'
import { beginAnew, type Knowledge } from './knowledge.ts'
import { tendLaunchHook } from './launch-hook.ts'
import { awaitInterruption, pollLifecycle, watchLifecycle, type Watched } from './lifecycle-watch.ts'
import type { Parts } from './parts.ts'
import type { Status } from './status.ts'
import { holdTermination } from './termination-hook.ts'
import { Waker } from './waker.ts'

/** The first verdict waits no longer for the metadata service: a load balancer waits for it. */
const firstLookMs = 2_000

/** How the agent's loop hears of it. */
export type Reactions = {
  /** Has the verdict told at once, and what is under way called off. */
  interrupt(): void
  /** Ends the loop's wait. */
  wake(): void
  /** Keeps on disk what a restart needs. */
  save(): void
  /** Runs something beside the loop until its signal aborts. */
  beside(task: (stop: AbortSignal) => Promise<void>): void
}

/** What Auto Scaling, EC2 and the service manager mean the machine to become, taken into what the agent knows. */
export class Fate {
  readonly #parts: Parts
  readonly #knowledge: Knowledge
  readonly #status: Status
  readonly #reactions: Reactions
  readonly #watched: Watched
  /** Wakes who waits for the moment of an interruption. */
  readonly #news: Waker
  #hook: 'to-be-tended' | 'tended' | 'over' = 'to-be-tended'

  constructor(parts: Parts, knowledge: Knowledge, status: Status, reactions: Reactions) {
    this.#parts = parts
    this.#knowledge = knowledge
    this.#status = status
    this.#reactions = reactions
    this.#news = new Waker(parts.clock)
    const events = {
      terminated: () => this.end('terminated'),
      parkingChanged: () => {
        reactions.save()
        reactions.wake()
      },
      warmChanged: () => (knowledge.warm ? this.#pooled() : this.#called()),
      interruptionChanged: () => {
        if (knowledge.interruption === null) this.#outlive()
        this.#news.wake()
      },
    }
    this.#watched = { parts, knowledge, status, events }
  }

  /** Looks once, before the first verdict: it must know that a machine is ending. */
  async look(): Promise<void> {
    await pollLifecycle(this.#watched, false, this.#parts.clock.deadline(firstLookMs))
  }

  watch(): void {
    const due = () => this.end('interrupted')
    this.#reactions.beside((stop) => watchLifecycle(this.#watched, stop))
    this.#reactions.beside((stop) => awaitInterruption(this.#parts, this.#knowledge, this.#news, due, stop))
  }

  /** Begins to see to the launch hook, once the instance knows itself. */
  tend(): void {
    const { identity, cloud } = this.#knowledge
    if (this.#hook !== 'to-be-tended' || identity === null || cloud === null) return
    this.#hook = 'tended'
    this.#reactions.beside(async (stop) => {
      await tendLaunchHook(this.#parts, { cloud, identity, knowledge: this.#knowledge }, this.#status, stop)
      this.#hook = 'over'
    })
  }

  end(kind: Ending['kind']): void {
    const knowledge = this.#knowledge
    const before = knowledge.ending
    const ending = nextEnding(before, kind, knowledge, this.#parts.clock.now())
    if (ending === before) return
    knowledge.ending = ending
    if (kind === 'terminated' || kind === 'pooled') this.#hold()
    this.#reactions.wake()
    if (before !== null) return
    const seconds = Math.round(ending.drainMs / 1_000)
    this.#parts.log.info(`Ending (${kind}): the app is stopped in ${seconds} s.`)
    // The load balancer must hear of it at once, not at the next turn.
    this.#reactions.interrupt()
  }

  /** Keeps Auto Scaling waiting until the app is stopped. */
  #hold(): void {
    const { cloud, identity } = this.#knowledge
    if (cloud === null || identity === null) return
    const released = () => this.#knowledge.ending?.released === true
    this.#reactions.beside((stop) => holdTermination(this.#parts, cloud, identity, released, stop))
  }

  /** EC2 did not do what it had announced: the machine comes up again as after a reboot. */
  #outlive(): void {
    const knowledge = this.#knowledge
    if (knowledge.ending?.kind !== 'interrupted') return
    this.#parts.log.info('The machine outlived its interruption; the app is started again.')
    knowledge.ending = null
    knowledge.health = unknownHealth
    this.#reactions.wake()
  }

  /** The machine is in the warm pool, or goes there: what it verified in an earlier life counts no more. */
  #pooled(): void {
    const knowledge = this.#knowledge
    this.#parts.log.info('In the warm pool: images are pulled ahead, the app stays down.')
    knowledge.saved = null
    if (knowledge.everReady) this.end('pooled')
    if (this.#hook === 'over') this.#hook = 'to-be-tended'
    this.#reactions.save()
    this.#reactions.wake()
  }

  /** The machine is called into service: what it shall run, its group's tags say now. */
  #called(): void {
    this.#parts.log.info("Called from the warm pool into service: the group's tags are read afresh.")
    beginAnew(this.#knowledge)
    this.#status.wanted = null
    if (this.#hook === 'over') this.#hook = 'to-be-tended'
    this.#reactions.interrupt()
    this.#reactions.save()
    this.#reactions.wake()
  }
}
