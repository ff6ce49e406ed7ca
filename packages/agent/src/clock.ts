import { setTimeout as delay } from 'node:timers/promises'

/** Time and timers; the only file of this package that touches them. */
export type Clock = {
  /** Milliseconds that nobody sets: about those since 1970, as the wall clock had them when the process began. */
  now(): number
  /** What the wall clock, which may be set at any time, shows at a moment of `now`. */
  wall(at: number): Date
  /** The moment of `now` at which the wall clock shows so many milliseconds since 1970. */
  moment(wallMs: number): number
  /** Resolves after `ms`, or at once when `signal` aborts: callers look at what changed, not at how the wait ended. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls `task` every `ms` until the returned function is called; never keeps the process alive by itself. */
  every(ms: number, task: () => void): () => void
  /** A signal that aborts after `ms`. */
  deadline(ms: number): AbortSignal
}

const now = (): number => performance.timeOrigin + performance.now()

/** Less is the grain of the two clocks, by which a moment must not move. */
const stepMs = 100
let knownOffset = 0

/** How far the wall clock is ahead. */
function offset(): number {
  const ahead = Date.now() - now()
  if (Math.abs(ahead - knownOffset) > stepMs) knownOffset = ahead
  return knownOffset
}

export const systemClock: Clock = {
  now,
  wall: (at) => new Date(at + offset()),
  moment: (wallMs) => wallMs - offset(),
  sleep: async (ms, signal) => {
    try {
      await delay(Math.max(0, ms), undefined, signal ? { signal } : {})
    } catch (error) {
      if (!signal?.aborted) throw error
    }
  },
  every: (ms, task) => {
    const timer = setInterval(task, ms)
    timer.unref()
    return () => clearInterval(timer)
  },
  deadline: (ms) => AbortSignal.timeout(ms),
}
