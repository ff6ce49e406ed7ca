import type { Cancel, Clock } from './clock.ts'

/** Node's timers hold at most 2^31 - 1 ms. */
const longestTimerMs = 2_147_483_647

/** Real time; with `speed` above 1 it runs that many times faster from the moment it was made. */
export class RealClock implements Clock {
  readonly #speed: number
  readonly #start = Date.now()
  readonly #base = performance.now()

  constructor(speed = 1) {
    if (!(speed > 0)) throw new RangeError(`A clock's speed is above 0, not ${speed}.`)
    this.#speed = speed
  }

  now(): number {
    return Math.round(this.#start + (performance.now() - this.#base) * this.#speed)
  }

  after(delayMs: number, task: () => void): Cancel {
    let timer: NodeJS.Timeout
    const wait = (leftMs: number) => {
      const step = Math.min(Math.max(0, leftMs), longestTimerMs)
      timer = setTimeout(() => (leftMs > step ? wait(leftMs - step) : task()), step)
    }
    wait(delayMs / this.#speed)
    return () => clearTimeout(timer)
  }
}
