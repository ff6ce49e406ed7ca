import type { Reason } from '@switchover/contract/report'

/** An expected failure of a step: its reason, and after how many failures in a row it counts as terminal. */
export class Failure extends Error {
  readonly reason: Reason
  readonly terminalAfter: number | null

  constructor(reason: Reason, options: { terminalAfter?: number; cause?: unknown } = {}) {
    super(reason.sentence, { cause: options.cause })
    this.name = 'Failure'
    this.reason = reason
    this.terminalAfter = options.terminalAfter ?? (reason.kind === 'terminal' ? 1 : null)
  }
}

/** The same failure on a machine that was ready once: it is tried again for ever. */
export function neverTerminal(failure: Failure): Failure {
  return new Failure({ ...failure.reason, kind: 'retryable' }, { cause: failure.cause })
}

export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message.trim() === '' ? error.name : error.message.trim()
}
