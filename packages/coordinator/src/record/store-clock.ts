import type { S3Client } from '@aws-sdk/client-s3'
import type { Clock } from '../clock.ts'

/**
 * The store's time, by which leases are written and judged on every machine alike. Its true time lies between the two.
 * Both need one reply of S3 first.
 */
export type StoreClock = {
  /** Milliseconds since the epoch, never ahead of the store by more than a clock's drift. */
  now(): number
  /** Milliseconds since the epoch, never behind the store by more than that, as long as this machine did not sleep. */
  latest(): number
}

/** A Date is cut down to the second. Milliseconds. */
const dateStep = 1_000

/** One for the client of a process, however many stores are opened with it. */
const watched = new WeakMap<S3Client, Readonly<{ by: Clock; clock: StoreClock }>>()

/**
 * Learns the store's time from the Date header of every reply of `s3`.
 * A Date was written between the sending of a request and the arrival of its reply, so each one bounds the offset from
 * this machine's monotonic clock on both sides: the closest bounds seen are kept.
 */
export function watchStoreClock(s3: S3Client, clock: Clock): StoreClock {
  const known = watched.get(s3)
  if (known?.by === clock) return known.clock
  const made = createStoreClock(s3, clock)
  watched.set(s3, { by: clock, clock: made })
  return made
}

function createStoreClock(s3: S3Client, clock: Clock): StoreClock {
  let least = Number.NEGATIVE_INFINITY
  let most = Number.POSITIVE_INFINITY
  const learn = (date: number, sent: number, received: number) => {
    least = Math.max(least, date - received)
    most = Math.min(most, date + dateStep - sent)
    // The machine slept, and its monotonic clock with it: what was learned before is worth nothing as an upper bound.
    if (most < least) most = date + dateStep - sent
  }
  s3.middlewareStack.add(
    (next) => async (args) => {
      const sent = clock.monotonic()
      const result = await next(args)
      const date = Date.parse(dateHeader(result.response) ?? '')
      if (!Number.isNaN(date)) learn(date, sent, clock.monotonic())
      return result
    },
    // Inside the SDK's own deserialiser, which turns an answer of 412 into an error without headers.
    { step: 'deserialize', priority: 'low', name: 'switchoverStoreClock', override: true },
  )
  const at = (offset: number) => {
    if (!Number.isFinite(offset)) throw new Error('The store has not told its time yet.')
    return Math.max(0, Math.floor(clock.monotonic() + offset))
  }
  return { now: () => at(least), latest: () => at(most) }
}

function dateHeader(response: unknown): string | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined
  const headers = response.headers as Record<string, string>
  return Object.entries(headers).find(([name]) => name.toLowerCase() === 'date')?.[1]
}
