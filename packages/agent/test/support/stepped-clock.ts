import type { Clock } from '../../src/clock.ts'

type Timer = { at: number; fire: () => void }

/** Time that moves only when a test asks for it, to the earliest thing that waits. */
export class SteppedClock implements Clock {
  #now = Date.parse('2026-01-01T00:00:00Z')
  #step = 0
  readonly #timers = new Set<Timer>()

  now(): number {
    return this.#now
  }

  wall(at: number): Date {
    return new Date(at + this.#step)
  }

  moment(wallMs: number): number {
    return wallMs - this.#step
  }

  /** Somebody sets the wall clock. */
  set(byMs: number): void {
    this.#step += byMs
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = this.#add(ms, resolve)
      signal?.addEventListener(
        'abort',
        () => {
          this.#timers.delete(timer)
          resolve()
        },
        { once: true },
      )
    })
  }

  every(ms: number, task: () => void): () => void {
    let timer: Timer
    const plan = () => {
      timer = this.#add(ms, () => {
        plan()
        task()
      })
    }
    plan()
    return () => void this.#timers.delete(timer)
  }

  deadline(ms: number): AbortSignal {
    const controller = new AbortController()
    this.#add(ms, () => controller.abort(new DOMException('It took too long.', 'TimeoutError')))
    return controller.signal
  }

  #add(ms: number, fire: () => void): Timer {
    const timer = { at: this.#now + Math.max(0, ms), fire }
    this.#timers.add(timer)
    return timer
  }

  /** Lets everything happen that time brings until `done` says so. @throws {Error} after `stepsMax` timers */
  async until(done: () => boolean, stepsMax = 5_000): Promise<void> {
    for (let step = 0; step < stepsMax; step += 1) {
      await settle()
      if (done()) return
      const next = [...this.#timers].toSorted((a, b) => a.at - b.at)[0]
      if (!next) continue
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.fire()
    }
    throw new Error(`It did not come within ${stepsMax} timers.`)
  }

  /** Lets `ms` pass. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms
    await this.until(() => this.#now >= end, 100_000)
  }
}

/** Lets promises settle, and the file system answer what it was asked, before time moves on. */
async function settle(): Promise<void> {
  for (let quiet = 0, turn = 0; quiet < 10 && turn < 100_000; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    const busy = process.getActiveResourcesInfo().some((kind) => /^FS|CloseReq|Zlib/i.test(kind))
    quiet = busy ? 0 : quiet + 1
  }
}
