import { unanswered } from '../decide/alarms.ts'
import { switches } from '../decide/start.ts'
import type { Step } from '../decide/step.ts'
import type { World } from '../decide/world.ts'
import type { HeldLease } from '../record/lease.ts'
import { describeStep } from './narrate.ts'
import type { Notifier } from './notify.ts'
import type { Ports } from './ports.ts'

/** What a run says of its work, to who looks on and to the webhook. */
export class Teller {
  readonly #ports: Pick<Ports, 'emit' | 'clock'>
  readonly #lease: Pick<HeldLease, 'deployment'>
  readonly #notifier: Notifier
  /** The last warning of a step: the steps after it need not say the same again. */
  #warned: string | null = null
  /** Whether it was said that CloudWatch does not answer. */
  #silence = false

  constructor(
    ports: Pick<Ports, 'emit' | 'clock'>,
    lease: Pick<HeldLease, 'deployment'>,
    notifier: Notifier,
  ) {
    this.#ports = ports
    this.#lease = lease
    this.#notifier = notifier
  }

  warn(text: string): void {
    this.#ports.emit({ event: 'warning', at: this.#ports.clock.now(), text })
  }

  wait(text: string, waitingFor: string, instances: readonly string[] = []): void {
    this.#ports.emit({ event: 'wait', at: this.#ports.clock.now(), text, waitingFor, instances })
  }

  /** A step that is about to be done. The switch is told as progress, with its time, once it is in the record. */
  announce(step: Step): void {
    if (step.kind === 'mark-switched') return
    const { emit, clock } = this.#ports
    emit({ event: 'step', at: clock.now(), text: describeStep(step), step: step.kind, why: step.why })
    if (step.warning === undefined || step.warning === this.#warned) return
    this.#warned = step.warning
    this.warn(step.warning)
  }

  /** The moments people outside want to hear of, once they are in the record. */
  recorded(step: Step): void {
    const { marks, goal, service, version, previousVersion } = this.#lease.deployment
    if (step.kind === 'turn-back') {
      this.warn(step.failure.sentence)
      this.#notifier.send('failure', `${service}: ${step.failure.sentence} Going back.`)
    }
    if (step.kind === 'promote') this.#notifier.send('promote', `${service}: ${step.why}`)
    if (step.kind === 'begin-finish') this.#notifier.send('finish-begins', `${service}: ${step.why}`)
    if (step.kind !== 'mark-switched') return
    const goes = `ll new traffic of ${service} goes to ${(goal === 'deploy' ? version : previousVersion) ?? 'the old group'}.`
    const at = this.#ports.clock.now()
    if (!switches(this.#lease.deployment)) {
      this.#ports.emit({ event: 'progress', at, text: `A${goes}` })
      return
    }
    const switchedMs = (marks.switchedAt ?? marks.begunAt) - marks.begunAt
    const text = `Switched: a${goes}`
    this.#ports.emit({ event: 'progress', at, text, switchedMs })
    this.#notifier.send('switch', text)
  }

  /** Alarms without an answer are told of once, until there is one. */
  silence(world: World): void {
    const missing = unanswered(world)
    if (missing.length > 0 && !this.#silence)
      this.warn(
        `CloudWatch gives no answer about ${missing.join(', ')}; nothing that is watched ends without one.`,
      )
    this.#silence = missing.length > 0
  }
}
