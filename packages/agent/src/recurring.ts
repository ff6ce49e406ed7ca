import { backoff, type BackoffLimits } from './decide/backoff.ts'
import { errorText } from './failure.ts'
import type { Parts } from './parts.ts'
import type { Status } from './status.ts'
import { Waker } from './waker.ts'

/**
 * Runs `task` at every change of the status, and again after as many milliseconds as it answers, until it answers
 * 'done' or `stop`. A failure is logged after the words `failed`, and retried by `retry`.
 */
export async function recurring(
  { clock, log, random }: Pick<Parts, 'clock' | 'log' | 'random'>,
  status: Pick<Status, 'onChange'>,
  stop: AbortSignal,
  { task, failed, retry }: { task: () => Promise<number | 'done'>; failed: string; retry: BackoffLimits },
): Promise<void> {
  const waker = new Waker(clock)
  const wake = () => waker.wake()
  const leave = status.onChange(wake)
  stop.addEventListener('abort', wake)
  let failures = 0
  try {
    while (!stop.aborted) {
      try {
        const waitMs = await task()
        if (waitMs === 'done') return
        failures = 0
        await waker.wait(waitMs)
      } catch (error) {
        failures += 1
        log.warn(`${failed}: ${errorText(error)}`)
        await clock.sleep(backoff(failures, retry, random()), stop)
      }
    }
  } finally {
    leave()
    stop.removeEventListener('abort', wake)
  }
}
