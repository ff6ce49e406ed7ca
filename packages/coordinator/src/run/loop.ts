import type { Report } from '@switchover/contract/report'
import { classify, errorText } from '../aws/errors.ts'
import { unanswered } from '../decide/alarms.ts'
import { decide } from '../decide/decide.ts'
import { journalled } from '../decide/journal.ts'
import { pollAfter } from '../decide/pace.ts'
import { predicted } from '../decide/predicted.ts'
import { reliesOnScaling } from '../decide/scaling-journal.ts'
import type { Step, StepOf } from '../decide/step.ts'
import type { World } from '../decide/world.ts'
import { Refusal, type ResultEvent } from '../events.ts'
import type { HeldLease } from '../record/lease.ts'
import type { RecordStore } from '../record/store.ts'
import { Recorder } from '../trace/recorder.ts'
import { act, type ActResult } from './act.ts'
import { writeHistory } from './history.ts'
import { describeStep } from './narrate.ts'
import { createNotifier, type Facts, type Notifier } from './notify.ts'
import { Observer } from './observe.ts'
import type { Ports } from './ports.ts'
import { asResumable, interrupted, passes } from './refusals.ts'
import { canaryResult, endResult, heldResult, keptResult, parkedResult } from './results.ts'

export type Run = Readonly<{ ports: Ports; service: string; store: RecordStore; lease: HeldLease }>

/** How often in a row one step may fail to take effect, AWS may ask for patience, AWS may be out of reach. */
const limits = { missed: 20, busy: 120, unreachable: 20 }
const longestPauseMs = 10_000
const mostPatience = 8

/**
 * Observes, decides, journals and acts until the deployment has come to rest.
 * The lease is given back whichever way this ends, except where it was lost.
 * @throws {Refusal} (3) lease lost · (130) interrupted · (1, 4) AWS will not do it; all to be resumed.
 */
export async function runToEnd(asked: Run): Promise<ResultEvent> {
  const { lease, store } = asked
  const recorder = new Recorder(asked.ports, store, lease.deployment)
  const ports = { ...asked.ports, emit: recorder.tap(asked.ports.emit) }
  const run = { ...asked, ports }
  const { service, version, goal, flags } = lease.deployment
  const notifier = createNotifier(ports, flags.notify, () => factsOf(lease.deployment))
  notifier.send(
    'start',
    goal === 'deploy' ? `${service}: deploying ${version}` : `${service}: ${goal} of ${version} begins`,
  )
  try {
    const result = await new Loop(run, notifier, recorder).run()
    notifier.send(result.outcome, `${service}: ${result.text}`)
    return result
  } catch (error) {
    const refusal = asResumable(error, service)
    const text = refusal?.message ?? 'stopped by an error of Switchover itself'
    notifier.send(refusal?.outcome ?? 'bug', `${service}: ${text}`)
    await giveBack(run, recorder)
    throw refusal ?? error
  } finally {
    await notifier.settled()
  }
}

function factsOf({ id, service, goal, version, previousVersion }: World['deployment']): Facts {
  return { deployment: id, service, goal, version, previous_version: previousVersion }
}

class Loop {
  readonly #run: Run
  readonly #observer: Observer
  readonly #notifier: Notifier
  readonly #recorder: Recorder
  /** Wakes every pause: somebody wants us to stop. */
  readonly #stop: AbortSignal
  /** The last step, and how often in a row it was tried without the world showing it. */
  #stuck = { step: '', missed: 0, busy: 0 }
  #unreachable = 0
  /** The last warning of a step: the steps after it need not say the same again. */
  #warned: string | null = null
  /** Whether it was said that CloudWatch does not answer. */
  #silence = false
  /** The goal that was foretold last, though it may have no prediction. */
  #foretoldGoal = ''
  /** Looks since the last change that found nothing to do. */
  #waits = 0
  /** Polls are so many times longer while AWS throttles us: doubled by each refusal, halved by each look that went well. */
  #patience = 1

  constructor(run: Run, notifier: Notifier, recorder: Recorder) {
    this.#run = run
    this.#notifier = notifier
    this.#recorder = recorder
    this.#observer = new Observer(run.ports.clients, run.store.location, run.store.clock, run.service)
    this.#stop = AbortSignal.any([run.ports.interrupt, run.lease.lost])
  }

  async run(): Promise<ResultEvent> {
    const { ports, lease, service } = this.#run
    for (;;) {
      lease.lost.throwIfAborted()
      if (ports.interrupt.aborted) throw interrupted(service)
      try {
        const result = await this.#turn()
        this.#unreachable = 0
        this.#patience = Math.max(1, this.#patience / 2)
        if (result) return result
      } catch (error) {
        if (!passes(error)) throw error
        this.#unreachable += 1
        if (classify(error) === 'throttle') this.#patience = Math.min(mostPatience, this.#patience * 2)
        if (this.#unreachable > limits.unreachable) throw error
        this.#warn(`AWS gave no usable answer (${errorText(error)}); looking again.`)
        await this.#pause(this.#unreachable)
      }
    }
  }

  /** One look, one decision, at most one change. */
  async #turn(): Promise<ResultEvent | null> {
    const { ports, lease } = this.#run
    const world = await this.#observer.observe(lease.deployment)
    this.#recorder.see(world, this.#observer.launchedAt)
    this.#noteSilence(world)
    const step = await this.#decide(world)
    const paceMs =
      step.kind === 'wait' ? pollAfter(world, step, this.#waits, ports.pollMs) * this.#patience : ports.pollMs
    ports.look?.({ world, step, paceMs })
    if (step.kind === 'wait') {
      const { waitingFor, instances } = step
      const text = `${describeStep(step)}.`
      ports.emit({ event: 'wait', at: ports.clock.now(), text, waitingFor, instances })
      this.#stuck = { step: '', missed: 0, busy: 0 }
      await ports.clock.sleep(paceMs, this.#stop)
      this.#waits += 1
      return null
    }
    this.#waits = 0
    const repeated = this.#stuck.step === nameOf(step)
    // The switch is told as progress, with its time, once it is in the record.
    if (!repeated && step.kind !== 'mark-switched') this.#announce(step)
    if (step.kind === 'settle') return this.#settle(step, world)
    if (step.kind === 'end') return this.#end(step)
    // A repetition was journalled before its first try, and a write would only say so again.
    if (!repeated)
      await lease.update((deployment) => this.#journalled(this.#foretold(deployment, world), step))
    this.#note(step)
    await this.#reckon(step, await act({ clients: ports.clients, lease }, step))
    return null
  }

  /** What is decided on policies, alarms and schedules is decided on what they are now. */
  async #decide(world: World): Promise<Step> {
    const step = decide(world)
    return world.scaling !== null && reliesOnScaling(step)
      ? decide(await this.#observer.withScaling(world))
      : step
  }

  #journalled(deployment: World['deployment'], step: Step): World['deployment'] {
    return journalled(deployment, step, this.#run.store.clock.now(), this.#run.ports.owner)
  }

  /** At its first step the goal is foretold, for what it took to be held against. */
  #foretold(deployment: World['deployment'], world: World): World['deployment'] {
    const goal = `${deployment.goal} ${deployment.marks.begunAt}`
    if (deployment.predicted !== null || this.#foretoldGoal === goal) return deployment
    this.#foretoldGoal = goal
    return { ...deployment, predicted: predicted(world, this.#run.ports.pollMs) }
  }

  /** Counts how often a step was tried in vain, and gives up in the end. A step that AWS took must not come again at once either. */
  async #reckon(step: Step, result: ActResult): Promise<void> {
    const name = nameOf(step)
    const again = this.#stuck.step === name
    const before = again ? this.#stuck : { missed: 0, busy: 0 }
    const busy = result.kind === 'again' && result.busy
    const missed = !busy && (result.kind === 'again' || again)
    this.#stuck = {
      step: name,
      missed: before.missed + (missed ? 1 : 0),
      busy: before.busy + (busy ? 1 : 0),
    }
    if (!busy && !missed) return
    const sentence = result.kind === 'again' ? result.sentence : 'AWS took it, but it does not show.'
    if (this.#stuck.missed > limits.missed || this.#stuck.busy > limits.busy) {
      throw new Refusal(
        4,
        'held',
        `AWS will not do this: ${describeStep(step)} (${sentence.replace(/\.$/, '')}).`,
        `switchover resume ${this.#run.service}`,
      )
    }
    const { emit, clock } = this.#run.ports
    const text = `Looking again before "${describeStep(step)}": ${sentence}`
    emit({ event: 'wait', at: clock.now(), text, waitingFor: busy ? 'AWS' : 'a fresh look', instances: [] })
    await this.#pause(this.#stuck.missed + this.#stuck.busy)
  }

  async #settle(step: StepOf<'settle'>, world: World): Promise<ResultEvent> {
    const { lease } = this.#run
    const settled = this.#journalled(lease.deployment, step)
    if (step.stage === 'kept') await this.#forget(new Set(step.ended))
    await this.#keep(step.stage)
    await lease.release(() => settled)
    if (step.stage === 'kept') return keptResult(this.#ending(settled), step, world.reports.values())
    if (step.stage === 'held') return heldResult(this.#ending(settled), step, world.reports.values())
    return step.stage === 'canary' ? canaryResult(this.#ending(settled)) : parkedResult(this.#ending(settled))
  }

  /** In this order a kill between two of them is harmless: until the record is empty, the ladder comes here again. */
  async #end(step: StepOf<'end'>): Promise<ResultEvent> {
    const { ports, store, lease } = this.#run
    for (const { group, field, value, original } of step.kept) {
      this.#warn(
        `${field} of ${group} is left at ${value}, by another hand or because the service has grown; it was ${original}.`,
      )
    }
    const ended = new Set(step.ended)
    const deployment = this.#journalled(lease.deployment, step)
    const endedAt = store.clock.now()
    const { outcome, kept } = step
    // Read before they are deleted: what failed is told with the last lines of its containers.
    const reports =
      outcome === 'failed'
        ? await this.#observer.reports.read(ended, Number.POSITIVE_INFINITY)
        : new Map<string, Report>()
    const entry = { schema: 1, outcome, endedAt, kept, deployment } as const
    await writeHistory(ports.clients, store.location, entry, lease)
    await this.#keep(outcome)
    await this.#forget(ended)
    await lease.release(() => null)
    return endResult(this.#ending(deployment), step, reports.values())
  }

  async #keep(rest: string): Promise<void> {
    const problem = await this.#recorder.write(rest, this.#run.lease)
    if (problem !== null) this.#warn(problem)
  }

  /** A report too many does no harm, and must not keep a deployment open. */
  async #forget(ended: ReadonlySet<string>): Promise<void> {
    const problem = await this.#observer.reports.delete(ended, this.#run.lease)
    if (problem !== null) this.#warn(problem)
  }

  #ending(deployment: World['deployment']) {
    const { store, ports } = this.#run
    return { deployment, storeNow: store.clock.now(), at: ports.clock.now() }
  }

  #announce(step: Step): void {
    const { emit, clock } = this.#run.ports
    emit({ event: 'step', at: clock.now(), text: describeStep(step), step: step.kind, why: step.why })
    if (step.warning === undefined || step.warning === this.#warned) return
    this.#warned = step.warning
    this.#warn(step.warning)
  }

  /** The moments people outside want to hear of, once they are in the record. */
  #note(step: Step): void {
    const { ports, lease, service } = this.#run
    if (step.kind === 'turn-back') {
      this.#warn(step.failure.sentence)
      this.#notifier.send('failure', `${service}: ${step.failure.sentence} Going back.`)
    }
    if (step.kind === 'promote') this.#notifier.send('promote', `${service}: ${step.why}`)
    if (step.kind === 'begin-finish') this.#notifier.send('finish-begins', `${service}: ${step.why}`)
    if (step.kind !== 'mark-switched') return
    const { marks, goal, version, previousVersion } = lease.deployment
    const switchedMs = (marks.switchedAt ?? marks.begunAt) - marks.begunAt
    const text = `Switched: all new traffic of ${service} goes to ${(goal === 'deploy' ? version : previousVersion) ?? 'the old group'}.`
    ports.emit({ event: 'progress', at: ports.clock.now(), text, switchedMs })
    this.#notifier.send('switch', text)
  }

  #noteSilence(world: World): void {
    const missing = unanswered(world)
    if (missing.length > 0 && !this.#silence)
      this.#warn(
        `CloudWatch gives no answer about ${missing.join(', ')}; nothing that is watched ends without one.`,
      )
    this.#silence = missing.length > 0
  }

  #warn(text: string): void {
    const { emit, clock } = this.#run.ports
    emit({ event: 'warning', at: clock.now(), text })
  }

  async #pause(times: number): Promise<void> {
    const { clock, random, pollMs } = this.#run.ports
    const most = Math.min(longestPauseMs, pollMs * 2 ** Math.min(times, 10))
    await clock.sleep(most * (0.5 + random() / 2), this.#stop)
  }
}

/** The same step, whatever the words of its reason, and whichever of several hooks it tries. */
function nameOf(step: Step): string {
  return JSON.stringify({ ...step, why: '', warning: '', hook: '' })
}

/** Best effort: a lease that cannot be given back runs out by itself. */
async function giveBack({ lease }: Run, recorder: Recorder): Promise<void> {
  try {
    if (!lease.lost.aborted) await recorder.write('stopped', lease)
    if (lease.lost.aborted) await lease.abandon()
    else await lease.release((deployment) => deployment)
  } catch {
    await lease.abandon()
  }
}
