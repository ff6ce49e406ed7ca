import type { Clock } from '../clock.ts'

/** Time since a moment on this machine, in milliseconds. */
export type Watch = { elapsed(): number }

/**
 * Whichever of the two clocks says more: a monotonic clock may stand still while the machine sleeps, and the wall clock
 * may be set back.
 */
export function createWatch(clock: Clock): Watch {
  const wall = clock.now()
  const monotonic = clock.monotonic()
  return { elapsed: () => Math.max(clock.now() - wall, clock.monotonic() - monotonic) }
}
