import type { S3Client } from '@aws-sdk/client-s3'
import type { Clock } from '../clock.ts'

/** The store's time, by which leases are written and judged on every machine alike. */
export type StoreClock = {
  /** Milliseconds since the epoch, never ahead of the store by more than a clock's drift. Needs one reply of S3 first. */
  now(): number
}

/**
 * Learns the store's time from the Date header of every reply of `s3`.
 * A Date is cut down to the second and old by the time it arrives, so each one is a lower bound: the highest offset seen
 * from this machine's monotonic clock is the best estimate.
 */
export function watchStoreClock(s3: S3Client, clock: Clock): StoreClock {
  let offset = Number.NEGATIVE_INFINITY
  s3.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const date = Date.parse(dateHeader(result.response) ?? '')
      if (!Number.isNaN(date)) offset = Math.max(offset, date - clock.monotonic())
      return result
    },
    // Inside the SDK's own deserialiser, which turns an answer of 412 into an error without headers.
    { step: 'deserialize', priority: 'low', name: 'switchoverStoreClock', override: true },
  )
  return {
    now() {
      if (offset === Number.NEGATIVE_INFINITY) throw new Error('The store has not told its time yet.')
      return Math.max(0, Math.floor(clock.monotonic() + offset))
    },
  }
}

function dateHeader(response: unknown): string | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined
  const headers = response.headers as Record<string, string>
  return Object.entries(headers).find(([name]) => name.toLowerCase() === 'date')?.[1]
}
