import { classify, errorText } from '../aws/errors.ts'
import { decide } from '../decide/decide.ts'
import { journalled } from '../decide/journal.ts'
import { pollAfter } from '../decide/pace.ts'
import { predicted } from '../decide/predicted.ts'
import { reliesOnScaling } from '../decide/scaling-journal.ts'
import type { Step, StepOf } from '../decide/step.ts'
import type { World } from '../decide/world.ts'
import type { ResultEvent } from '../events.ts'
import type { HeldLease } from '../record/lease.ts'
import type { RecordStore } from '../record/store.ts'
import { Recorder } from '../trace/recorder.ts'
import { act } from './act.ts'
import { Attempts } from './attempts.ts'
import { describeStep } from './narrate.ts'
import { createNotifier, type Facts } from './notify.ts'
import { Observer } from './observe.ts'
import type { Ports } from './ports.ts'
import { asResumable, interrupted, passes } from './refusals.ts'
import { end, settle } from './rest.ts'
import { Teller } from './tell.ts'

export type Run = Readonly<{ ports: Ports; service: string; store: RecordStore; lease: HeldLease }>

/** How often in a row AWS may be out of reach. */
const mostUnreachable = 20
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
    const result = await new Loop(run, new Teller(ports, lease, notifier), recorder).run()
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
  readonly #teller: Teller
  readonly #recorder: Recorder
  readonly #attempts = new Attempts()
  /** Wakes every pause: somebody wants us to stop. */
  readonly #stop: AbortSignal
  #unreachable = 0
  /** The goal that was foretold last, though it may have no prediction. */
  #foretoldGoal = ''
  /** Looks since the last change that found nothing to do. */
  #waits = 0
  /** Polls are so many times longer while AWS throttles us: doubled by each refusal, halved by each look that went well. */
  #patience = 1

  constructor(run: Run, teller: Teller, recorder: Recorder) {
    this.#run = run
    this.#teller = teller
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
        if (this.#unreachable > mostUnreachable) throw error
        this.#teller.warn(`AWS gave no usable answer (${errorText(error)}); looking again.`)
        await this.#pause(this.#unreachable)
      }
    }
  }

  /** One look, one decision, at most one change. */
  async #turn(): Promise<ResultEvent | null> {
    const { ports, lease } = this.#run
    const world = await this.#observer.observe(lease.deployment)
    this.#recorder.see(world, this.#observer.launchedAt)
    this.#teller.silence(world)
    const step = await this.#decide(world)
    const paceMs =
      step.kind === 'wait' ? pollAfter(world, step, this.#waits, ports.pollMs) * this.#patience : ports.pollMs
    ports.look?.({ world, step, paceMs })
    if (step.kind === 'wait') {
      await this.#wait(step, paceMs)
      return null
    }
    this.#waits = 0
    const repeated = this.#attempts.repeats(step)
    if (!repeated) this.#teller.announce(step)
    if (step.kind === 'settle')
      return settle(this.#resting(), step, this.#journalled(lease.deployment, step), world)
    if (step.kind === 'end') return end(this.#resting(), step, this.#journalled(lease.deployment, step))
    // A repetition was journalled before its first try, and a write would only say so again.
    if (!repeated)
      await lease.update((deployment) => this.#journalled(this.#foretold(deployment, world), step))
    this.#teller.recorded(step)
    await this.#do(step)
    return null
  }

  /** What is decided on policies, alarms and schedules is decided on what they are now. */
  async #decide(world: World): Promise<Step> {
    const step = decide(world)
    return world.scaling !== null && reliesOnScaling(step)
      ? decide(await this.#observer.withScaling(world))
      : step
  }

  async #wait(step: StepOf<'wait'>, paceMs: number): Promise<void> {
    this.#teller.wait(`${describeStep(step)}.`, step.waitingFor, step.instances)
    this.#attempts.forget()
    await this.#run.ports.clock.sleep(paceMs, this.#stop)
    this.#waits += 1
  }

  async #do(step: Step): Promise<void> {
    const { ports, lease, service } = this.#run
    const inVain = this.#attempts.count(step, await act({ clients: ports.clients, lease }, step), service)
    if (inVain === null) return
    const { sentence, busy, times } = inVain
    const text = `Looking again before "${describeStep(step)}": ${sentence}`
    this.#teller.wait(text, busy ? 'AWS' : 'a fresh look')
    await this.#pause(times)
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

  #resting() {
    const warn = (text: string) => this.#teller.warn(text)
    return { ...this.#run, recorder: this.#recorder, reports: this.#observer.reports, warn }
  }

  async #pause(times: number): Promise<void> {
    const { clock, random, pollMs } = this.#run.ports
    const most = Math.min(longestPauseMs, pollMs * 2 ** Math.min(times, 10))
    await clock.sleep(most * (0.5 + random() / 2), this.#stop)
  }
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
