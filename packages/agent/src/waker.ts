import type { Clock } from './clock.ts'

/** A wait that an event ends early. An event before the wait is not lost: it ends the next one at once. */
export class Waker {
  readonly #clock: Clock
  #controller = new AbortController()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  wake(): void {
    this.#controller.abort()
  }

  async wait(ms: number): Promise<void> {
    await this.#clock.sleep(ms, this.#controller.signal)
    if (this.#controller.signal.aborted) this.#controller = new AbortController()
  }
}
