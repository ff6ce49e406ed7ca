import type { Fate } from './plan.ts'

/** Nothing befalls the process. */
export const calm: Fate = { killed: null, pauses: [], stoppedAfter: null }

export function isCalm({ killed, pauses, stoppedAfter }: Fate): boolean {
  return killed === null && pauses.length === 0 && stoppedAfter === null
}
