import type { Step } from '../decide/step.ts'
import { Refusal } from '../events.ts'
import type { ActResult } from './act.ts'
import { describeStep } from './narrate.ts'

/** How often in a row one step may fail to take effect, and AWS may ask for patience. */
const limits = { missed: 20, busy: 120 }

/** Why the world is looked at again before a step is repeated. `times`: that it was tried so far. */
type InVain = Readonly<{ sentence: string; busy: boolean; times: number }>

/** Counts how often in a row one step was tried without the world showing it. */
export class Attempts {
  #last = { step: '', missed: 0, busy: 0 }

  /** Whether it was this step that was tried last. */
  repeats(step: Step): boolean {
    return this.#last.step === nameOf(step)
  }

  forget(): void {
    this.#last = { step: '', missed: 0, busy: 0 }
  }

  /**
   * Counts an attempt. A step that AWS took must not come again at once either.
   * @returns null where it took effect, as far as is known
   * @throws {Refusal} (4) where AWS has been asked often enough.
   */
  count(step: Step, result: ActResult, service: string): InVain | null {
    const again = this.repeats(step)
    const before = again ? this.#last : { missed: 0, busy: 0 }
    const busy = result.kind === 'again' && result.busy
    const inVain = result.kind === 'again' || again
    const missed = before.missed + (inVain && !busy ? 1 : 0)
    this.#last = { step: nameOf(step), missed, busy: before.busy + (busy ? 1 : 0) }
    if (!inVain) return null
    const sentence = result.kind === 'again' ? result.sentence : 'AWS took it, but it does not show.'
    if (missed > limits.missed || this.#last.busy > limits.busy) {
      throw new Refusal(
        4,
        'held',
        `AWS will not do this: ${describeStep(step)} (${sentence.replace(/\.$/, '')}).`,
        `switchover resume ${service}`,
      )
    }
    return { sentence, busy, times: missed + this.#last.busy }
  }
}

/** The same step, whatever the words of its reason, and whichever of several hooks it tries. */
function nameOf(step: Step): string {
  return JSON.stringify({ ...step, why: '', warning: '', hook: '' })
}
