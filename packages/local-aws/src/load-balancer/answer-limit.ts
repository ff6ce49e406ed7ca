import type { Cancel, Clock } from '../clock.ts'

/** As late as a timer is on a machine that has other work. Milliseconds. */
const lateMs = 50

/**
 * Calls `onOver` once `limitMs` are over. Where this process itself stood still meanwhile, a target had that much less
 * time, or has answered and was not heard: it gets as much again.
 */
export function answerLimit(clock: Clock, limitMs: number, onOver: () => void): Cancel {
  const due = clock.now() + limitMs
  let cancel = clock.after(limitMs, () => {
    const late = clock.now() - due
    if (late < lateMs) return onOver()
    cancel = clock.after(late, onOver)
  })
  return () => cancel()
}
