import { act, backoffLimits, takeIdentity, type Effects } from './act.ts'
import { Attempts } from './attempts.ts'
import { recallPlan } from './bundle/plan.ts'
import { wasProven } from './decide/containers.ts'
import { decide } from './decide/decide.ts'
import { lasts } from './decide/lasting.ts'
import type { ContainerView } from './decide/observation.ts'
import { stepKey, type Decision, type Step, type Work } from './decide/step.ts'
import { errorText, neverTerminal } from './failure.ts'
import { Fate } from './fate.ts'
import { freshKnowledge, type Knowledge } from './knowledge.ts'
import { observe, snapshot } from './observe.ts'
import type { Parts } from './parts.ts'
import { phaseFields } from './phase-fields.ts'
import { keepReporting, writeReport } from './report-loop.ts'
import { StateKeeper } from './state-keeper.ts'
import { loadState } from './state.ts'
import { Status } from './status.ts'
import { Waker } from './waker.ts'

/** A wait between two turns is never longer: the watchdog and `/livez` are fed by the turns. */
const turnMs = 10_000
/** A watchdog that waits less than three times this is fed more often. */
const feedMs = 20_000
/** What is under way gets this long when the agent leaves. */
const leaveMs = 3_000
/** A stop that fails this often is left to the engine, which stops its containers by itself. */
const stopTriesMax = 3
/** A machine that goes down does not wait longer for its termination hook. */
const releaseTriesMax = 5

type Action = { step: Work; since: number; done: Promise<void>; controller: AbortController }

/**
 * The agent: look at the machine, decide, act, and again. One action runs at a time, beside the loop, so that the
 * verdict is never older than one turn, however long a pull takes.
 */
export class Agent {
  readonly status: Status
  readonly #parts: Parts
  readonly #knowledge: Knowledge
  readonly #attempts: Attempts
  readonly #waker: Waker
  readonly #fate: Fate
  readonly #keeper: StateKeeper
  readonly #over = new AbortController()
  readonly #tasks: Promise<void>[] = []
  #action: Action | null = null
  #leaves = false
  #turnedAt: number
  #fedAt = 0
  readonly #feedMs: number
  #settled = true

  static async create(parts: Parts): Promise<Agent> {
    const agent = new Agent(parts, freshKnowledge(await loadState(parts.stateDirectory)))
    await agent.#recall()
    return agent
  }

  private constructor(parts: Parts, knowledge: Knowledge) {
    this.#parts = parts
    this.#knowledge = knowledge
    this.status = new Status(parts.clock.now(), (at) => parts.clock.wall(at))
    this.#attempts = new Attempts(parts.clock, parts.random)
    this.#waker = new Waker(parts.clock)
    this.#turnedAt = parts.clock.now()
    this.#keeper = new StateKeeper(parts)
    this.#feedMs = Math.min(feedMs, (parts.systemd.watchdogMs ?? Infinity) / 3)
    this.#fate = new Fate(parts, knowledge, this.status, {
      interrupt: () => {
        this.#note(decide(snapshot(parts, knowledge)))
        this.#action?.controller.abort()
      },
      wake: () => this.#waker.wake(),
      save: () => this.#save(),
      beside: (task) => void this.#tasks.push(task(this.#over.signal)),
    })
  }

  /** Takes over what an agent before this one knew in the same boot: a machine that ends needs its plan at once. */
  async #recall(): Promise<void> {
    const knowledge = this.#knowledge
    const { bootId, stateDirectory } = this.#parts
    if (knowledge.saved?.bootId !== bootId) return
    await takeIdentity(this.#effects(), knowledge.saved.identity)
    if (knowledge.wanted !== null) knowledge.plan = await recallPlan(stateDirectory, knowledge.wanted)
    this.#settled = !knowledge.everReady
    if (knowledge.warm) this.#fate.end('pooled')
  }

  /** Port the bundle asks for, null until it is known. */
  get port(): number | null {
    return this.#knowledge.plan?.settings.port ?? null
  }

  /** False only in a restarted agent that has not yet verified again what it said before. */
  get settled(): boolean {
    return this.#settled
  }

  /** Of the bundle's project, as the engine showed them last. */
  get containers(): readonly ContainerView[] {
    return this.#knowledge.engine?.containers ?? []
  }

  /** Milliseconds since the loop's last turn. */
  get idleMs(): number {
    return this.#parts.clock.now() - this.#turnedAt
  }

  /** Runs until `stop` aborts; where the whole machine goes down it drains and stops the app first. */
  async run(stop: AbortSignal): Promise<void> {
    stop.addEventListener('abort', () => void this.#leave())
    if (stop.aborted) void this.#leave()
    await this.#fate.look()
    this.#fate.watch()
    this.#tasks.push(keepReporting(this.#parts, this.#knowledge, this.status, this.#over.signal))
    while (!this.#over.signal.aborted) {
      this.#fate.tend()
      await this.#turn()
    }
    this.#action?.controller.abort()
    const quiet = Promise.all([this.#action?.done, this.#keeper.close(), ...this.#tasks])
    await Promise.race([quiet, this.#parts.clock.sleep(leaveMs)])
  }

  async #turn(): Promise<void> {
    const { clock } = this.#parts
    const observation = await observe(this.#parts, this.#knowledge)
    const decision = decide(observation)
    this.#parts.counters.add('switchover_agent_turns_total')
    this.#note(decision)
    this.#turnedAt = clock.now()
    this.#feed()
    if (this.#leaves && this.#isOver()) return this.#finish()
    const waitMs = this.#perform(decision)
    this.#show(decision.step)
    await this.#waker.wait(Math.min(turnMs, this.#feedMs, waitMs))
  }

  /** Tells people what is being done, or when it is tried next. */
  #show(wanted: Step): void {
    const action = this.#action
    const step = action?.step ?? wanted
    if (step.kind === 'rest' || step.kind === 'fail') return void (this.status.work = null)
    const key = stepKey(step)
    const at = action?.since ?? this.#parts.clock.now() + this.#attempts.dueIn(key)
    const image = 'image' in step ? step.image.source : null
    const failures = this.#attempts.failures(key)
    this.status.work = { step: step.kind, image, runs: action !== null, at, failures }
  }

  /** Whether a machine that goes down needs nothing more from its agent. */
  #isOver(): boolean {
    const { ending } = this.#knowledge
    if (ending?.stopped !== true) return false
    return ending.kind === 'shutdown' || ending.released || this.#attempts.runs('release') >= releaseTriesMax
  }

  /** Starts what was decided, unless something runs. Returns milliseconds until the next turn. */
  #perform({ step, ready }: Decision): number {
    if (this.#action !== null) return this.#action.step.kind === 'up' ? 500 : 2_000
    if (step.kind === 'rest') {
      if (ready) this.#attempts.settle()
      return step.ms
    }
    if (step.kind === 'fail') {
      this.#knowledge.terminal = step.reason
      return 0
    }
    const due = this.#attempts.dueIn(stepKey(step))
    if (due > 0) return Math.min(due, 2_000)
    const controller = new AbortController()
    const since = this.#parts.clock.now()
    this.#action = { step, since, controller, done: this.#carryOut(step, controller.signal) }
    return turnMs
  }

  async #carryOut(step: Work, signal: AbortSignal): Promise<void> {
    const key = stepKey(step)
    const failed = await act(this.#effects(), step, signal)
    const failure = failed && wasProven(this.#knowledge) ? neverTerminal(failed) : failed
    if (!signal.aborted) {
      if (failure) this.#parts.log.warn(failure.message)
      const terminal = this.#attempts.note(key, failure, backoffLimits(step))
      if (failure && terminal) this.#knowledge.terminal = { ...failure.reason, kind: 'terminal' }
      const { ending } = this.#knowledge
      if (step.kind === 'stop-all' && ending && this.#attempts.failures(key) >= stopTriesMax) {
        this.#knowledge.ending = { ...ending, stopped: true }
      }
    }
    this.#action = null
    this.#waker.wake()
  }

  #note(decision: Decision): void {
    const { clock, log } = this.#parts
    const knowledge = this.#knowledge
    const tried = this.#attempts.reason(stepKey(decision.step))
    // Why a start fails says more than what it was meant to mend.
    const reason = decision.step.kind === 'up' ? (tried ?? decision.reason) : (decision.reason ?? tried)
    const before = this.status.phase
    const news = decision.ready && !(knowledge.everReady && knowledge.recorded.length > 0)
    if (decision.ready) {
      knowledge.everReady = true
      knowledge.recorded = decision.images
    }
    this.status.update(decision, decision.ready ? null : reason, clock.now())
    if (before !== decision.phase)
      log.info(
        `${before} -> ${decision.phase}${reason ? `: ${reason.sentence}` : ''}`,
        // Fields cost a process each, and a boot is in no phase for long.
        lasts(decision.phase) ? phaseFields(this.status) : undefined,
      )
    const pending = decision.phase === 'verifying' && knowledge.health.failures === 0
    const looked = knowledge.plan !== null && knowledge.engine !== null && !pending
    // A machine that ends has nothing to verify before it says so.
    if (looked || knowledge.ending !== null || knowledge.terminal !== null) this.#settled = true
    if (news) this.#save()
  }

  #save(): void {
    const { identity, wanted, recorded, everReady, parking, warm, ending, pulled } = this.#knowledge
    if (identity === null) return
    const { bootId, clock } = this.#parts
    const pooling = ending?.kind === 'pooled' && !ending.released
    const fresh =
      wanted !== null && everReady && (!warm || pooling) ? { wanted, images: [...recorded], bootId } : null
    const verified = fresh ?? this.#knowledge.saved?.verified ?? null
    const parkedSince = parking.since === null ? null : clock.wall(parking.since).getTime()
    this.#keeper.keep({ schema: 1, identity, bootId, verified, parkedSince, pooling, pulled: [...pulled] })
  }

  async #leave(): Promise<void> {
    let down = false
    try {
      down = await this.#parts.systemd.machineStops()
    } catch (error) {
      this.#parts.log.warn(`Whether the machine stops is not known: ${errorText(error)}`)
    }
    if (!down) {
      this.#parts.log.info('The agent stops; the app goes on.')
      this.#over.abort()
      return this.#waker.wake()
    }
    this.#leaves = true
    this.#fate.end('shutdown')
    this.#waker.wake()
  }

  async #finish(): Promise<void> {
    try {
      await writeReport(this.#parts, this.#knowledge, this.status)
    } catch (error) {
      this.#parts.log.warn(`The last report was not written: ${errorText(error)}`)
    }
    this.#over.abort()
  }

  #feed(): void {
    const now = this.#parts.clock.now()
    if (now - this.#fedAt < this.#feedMs) return
    this.#fedAt = now
    void this.#parts.systemd.notify('READY=1', 'WATCHDOG=1', `STATUS=${this.status.phase}`)
  }

  #effects(): Effects {
    return { parts: this.#parts, knowledge: this.#knowledge, status: this.status, save: () => this.#save() }
  }
}
