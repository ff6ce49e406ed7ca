import type { Event } from '@switchover/contract/event'

export type { Event }
export type ResultEvent = Extract<Event, { event: 'result' }>
export type Outcome = ResultEvent['outcome']
/** 0 done · 1 failed, safe · 2 refused before a change · 3 locked · 4 a person must decide · 130 interrupted. */
export type ExitCode = ResultEvent['exitCode']
/** A changing call of AWS that a plan foresees. */
export type PlannedCall = Extract<Event, { event: 'plan' }>['calls'][number]

export type Emit = (event: Event) => void

/** An expected failure: one sentence and the next command to run. Anything else thrown is a bug. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly exitCode: ExitCode
  readonly outcome: Outcome
  readonly next: string | null
  constructor(
    exitCode: ExitCode,
    outcome: Outcome,
    sentence: string,
    next: string | null = null,
    cause?: unknown,
  ) {
    super(sentence, { cause })
    this.exitCode = exitCode
    this.outcome = outcome
    this.next = next
  }
}
