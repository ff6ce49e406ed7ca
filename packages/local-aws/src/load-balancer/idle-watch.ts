import type { Cancel, Clock } from '../clock.ts'

/** Calls `onIdle` once no touch has come for `limitMs`. One timer, however many touches there are. */
export class IdleWatch {
  readonly #clock: Clock
  readonly #limitMs: number
  readonly #onIdle: () => void
  #last: number
  #cancel: Cancel

  constructor(clock: Clock, limitMs: number, onIdle: () => void) {
    this.#clock = clock
    this.#limitMs = limitMs
    this.#onIdle = onIdle
    this.#last = clock.now()
    this.#cancel = this.#wait(limitMs)
  }

  touch(): void {
    this.#last = this.#clock.now()
  }

  stop(): void {
    this.#cancel()
  }

  #wait(ms: number): Cancel {
    return this.#clock.after(ms, () => {
      const left = this.#last + this.#limitMs - this.#clock.now()
      if (left > 0) this.#cancel = this.#wait(left)
      else this.#onIdle()
    })
  }
}
