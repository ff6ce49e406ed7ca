import type { Phase } from '@switchover/contract/report'

const lasting: ReadonlySet<Phase> = new Set(['ready', 'parked', 'draining', 'failed'])

/** Whether a machine stays in a phase; through the others it passes, often in milliseconds. */
export function lasts(phase: Phase): boolean {
  return lasting.has(phase)
}
