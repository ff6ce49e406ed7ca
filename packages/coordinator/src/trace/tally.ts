import type { Trace } from '@switchover/contract/trace'

/** More buckets than a chart has room for are not kept: then each becomes twice as long. */
const bucketsMost = 600
const firstBucketMs = 1_000

/** How many requests of each operation were sent, and when, in a size that does not grow with time. */
export class Tally {
  readonly #from: number
  #bucketMs = firstBucketMs
  #operations = new Map<string, Map<number, number>>()

  /** @param from milliseconds, by whatever clock `add` is given */
  constructor(from: number) {
    this.#from = from
  }

  add(operation: string, at: number): void {
    const since = Math.max(0, at - this.#from)
    while (since / this.#bucketMs >= bucketsMost) this.#halve()
    const bucket = Math.floor(since / this.#bucketMs)
    const counts = this.#operations.get(operation) ?? new Map<number, number>()
    this.#operations.set(operation, counts)
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
  }

  counted(): Trace['calls'] {
    const rows = [...this.#operations].map(([name, counts]) => [name, [...counts]] as const)
    return { bucketMs: this.#bucketMs, operations: Object.fromEntries(rows) } as Trace['calls']
  }

  #halve(): void {
    this.#bucketMs *= 2
    for (const [operation, counts] of this.#operations) {
      const halved = new Map<number, number>()
      for (const [bucket, count] of counts) {
        const half = Math.floor(bucket / 2)
        halved.set(half, (halved.get(half) ?? 0) + count)
      }
      this.#operations.set(operation, halved)
    }
  }
}
