import { seededRandom } from '@switchover/local-aws/seeded-random'

/** Draws from one seed. */
export class Dice {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  /** A whole number, both ends included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1))
  }

  chance(probability: number): boolean {
    return this.#random() < probability
  }

  of<T>(...values: readonly [T, ...T[]]): T {
    return values[this.int(0, values.length - 1)] as T
  }

  /** One to `most` of something. */
  several<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.int(1, most) }, make)
  }

  /** Up to `most` of something, fewer being likelier. */
  few<T>(most: number, make: () => T): T[] {
    const made: T[] = []
    while (made.length < most && this.chance(0.5)) made.push(make())
    return made
  }
}
