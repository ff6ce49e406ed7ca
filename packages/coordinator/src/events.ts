/** What `--json` prints, one object a line, and what the narration is made from (DESIGN 2.6). */
export type Event =
  | { event: 'plan'; at: number; text: string; step: string; calls: readonly PlannedCall[] }
  | { event: 'step'; at: number; text: string; step: string; why: string }
  | { event: 'wait'; at: number; text: string; waitingFor: string; instances: readonly string[] }
  | { event: 'progress'; at: number; text: string; switchedMs?: number }
  | { event: 'warning'; at: number; text: string }
  | {
      event: 'result'
      at: number
      text: string
      outcome: Outcome
      exitCode: ExitCode
      next: string | null
      details: Record<string, unknown>
    }

/** A changing call of AWS that a plan foresees, as the SDK takes it; instances yet to be launched have invented names. */
export type PlannedCall = Readonly<{ operation: string; input: object }>

export const outcomes = ['done', 'rolled-back', 'failed', 'refused', 'held', 'interrupted', 'locked'] as const
export type Outcome = (typeof outcomes)[number]

/** 0 done · 1 failed, safe · 2 refused before a change · 3 locked · 4 a person must decide · 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130

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

export type ResultEvent = Extract<Event, { event: 'result' }>
