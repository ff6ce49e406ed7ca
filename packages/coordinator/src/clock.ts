import { setTimeout as delay } from 'node:timers/promises'

/** Where time comes from. Everything but this file gets it passed in. */
export type Clock = {
  /** Milliseconds since the epoch by this machine: for display, and as one of two watches on the lease. */
  now(): number
  /** Milliseconds from an arbitrary start, never set back. */
  monotonic(): number
  /** Resolves after `ms`, or as soon as the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal })
    } catch (error) {
      if (!signal?.aborted) throw error
    }
  },
}
