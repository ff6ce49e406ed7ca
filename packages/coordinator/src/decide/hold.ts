import type { Reason } from '@switchover/contract/report'
import type { Step } from './step.ts'

/** What no waiting heals. */
export function terminal(code: string, sentence: string): Reason {
  return { code, sentence, kind: 'terminal' }
}

/** Stops where a person must decide. */
export function hold(failure: Reason): Step {
  return { kind: 'settle', stage: 'held', failure, why: failure.sentence }
}
