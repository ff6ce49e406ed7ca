import type { Cancel, Clock } from './clock.ts'

/** Tasks of one model on the clock, so that all of them can be taken back at once. */
export class Timers {
  readonly #clock: Clock
  readonly #pending = new Set<Cancel>()
  #closed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  after(delayMs: number, task: () => void): Cancel {
    if (this.#closed) return () => {}
    const stop = this.#clock.after(delayMs, () => {
      this.#pending.delete(cancel)
      task()
    })
    const cancel: Cancel = () => {
      this.#pending.delete(cancel)
      stop()
    }
    this.#pending.add(cancel)
    return cancel
  }

  /** Nothing runs from now on. */
  close(): void {
    this.#closed = true
    for (const cancel of this.#pending) cancel()
  }
}
