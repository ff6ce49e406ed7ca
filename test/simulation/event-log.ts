import type { SimulatedClock } from '@switchover/local-aws/simulated-clock'

/** What happened in a world, a line each, with the milliseconds since it began to be told. */
export class EventLog {
  readonly lines: string[] = []
  readonly #time: SimulatedClock
  readonly #from: number

  constructor(time: SimulatedClock) {
    this.#time = time
    this.#from = time.now()
  }

  add(who: string, what: string): void {
    const at = ((this.#time.now() - this.#from) / 1_000).toFixed(3).padStart(9)
    this.lines.push(`${at}  ${who.padEnd(5)} ${what}`)
  }
}
