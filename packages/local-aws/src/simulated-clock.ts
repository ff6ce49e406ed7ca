import { getActiveResourcesInfo } from 'node:process'
import type { Cancel, Clock } from './clock.ts'

type Task = { readonly at: number; readonly order: number; readonly run: () => void }

/** Tasks one call may run: a model that re-arms itself without end shows as an error, not as a hang. */
const tasksMax = 5_000_000

/**
 * Time that passes only when told to. Tasks run in the order of their time, and of their making where that is equal.
 * Between two tasks everything that waits on promises alone runs to its end, so that a run repeats itself exactly.
 */
export class SimulatedClock implements Clock {
  #now: number
  #order = 0
  readonly #tasks: Task[] = []

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#now = startMs
  }

  now(): number {
    return this.#now
  }

  after(delayMs: number, run: () => void): Cancel {
    const task: Task = { at: this.#now + Math.max(0, delayMs), order: this.#order++, run }
    const place = this.#tasks.findLastIndex((other) => other.at <= task.at)
    this.#tasks.splice(place + 1, 0, task)
    return () => {
      const index = this.#tasks.indexOf(task)
      if (index >= 0) this.#tasks.splice(index, 1)
    }
  }

  /** Lets `ms` pass, running every task that falls due. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await this.#run(() => false, end)
    this.#now = end
  }

  /**
   * Lets time pass from task to task until `condition` holds, asked again after each.
   * @throws {Error} when `limitMs` have passed, or no task is left, and it still does not hold.
   */
  async runUntil(condition: () => boolean, limitMs: number): Promise<void> {
    const end = this.#now + limitMs
    if (await this.#run(condition, end)) return
    const left = this.#tasks.length === 0 ? 'no task is left' : `${limitMs} ms have passed`
    throw new Error(`The condition does not hold, and ${left} on the simulated clock.`)
  }

  async #run(condition: () => boolean, end: number): Promise<boolean> {
    for (let count = 0; count < tasksMax; count++) {
      await settled()
      if (condition()) return true
      const next = this.#tasks[0]
      if (!next || next.at > end) return false
      this.#tasks.shift()
      this.#now = Math.max(this.#now, next.at)
      next.run()
    }
    throw new Error(`${tasksMax} tasks have run on the simulated clock without an end.`)
  }
}

/**
 * After one turn of the event loop no promise that can go on without I/O is left waiting; the second is for what streams put
 * off. Files are read in real time, however long that takes, and meanwhile none passes here.
 */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 2 || readsFiles(); turn++)
    await new Promise<void>((resolve) => setImmediate(resolve))
}

/** By the names that Node has for what it waits for: a request for a file, and the closing of one. */
function readsFiles(): boolean {
  return getActiveResourcesInfo().some((name) => name.startsWith('FSReq') || name === 'CloseReq')
}
