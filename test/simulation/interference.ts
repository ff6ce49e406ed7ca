import { groupNames } from './scene.ts'

export type GroupName = (typeof groupNames)[number]
type Field = 'sizes' | 'tags' | 'instances' | 'scaling'

/** What the world and other hands did, which no rule holds against a coordinator. */
export class Interference {
  /** When each instance was taken out of service by others, milliseconds since the epoch. */
  readonly harmed = new Map<string, number>()
  /** Instances that somebody took out of their group and went on to own. */
  readonly detached = new Set<string>()
  /** Least that another hand wanted to serve. */
  wanted = Number.POSITIVE_INFINITY
  /** Values that another hand gave to sizes, and processes it suspended or resumed. */
  readonly mins = new Set<number>()
  readonly maxes = new Set<number>()
  readonly processes = new Set<string>()
  readonly #scheduled = new Set<number>()
  readonly #touched = new Set<string>()

  harm(id: string, at: number): void {
    if (!this.harmed.has(id)) this.harmed.set(id, at)
  }

  touch(group: GroupName, field: Field): void {
    this.#touched.add(`${group} ${field}`)
  }

  touched(group: GroupName, ...fields: readonly Field[]): boolean {
    return fields.some((field) => this.#touched.has(`${group} ${field}`))
  }

  /** A schedule set by hand acts whenever its time comes. */
  schedule(min: number): void {
    this.#scheduled.add(min)
    this.#begin()
  }

  /** A deployment begins: what was done before is what it finds. */
  beginAnew(): void {
    this.#touched.clear()
    for (const values of [this.mins, this.maxes, this.processes]) values.clear()
    this.#begin()
  }

  #begin(): void {
    for (const min of this.#scheduled) {
      this.mins.add(min)
      for (const name of groupNames)
        for (const field of ['sizes', 'scaling'] as const) this.touch(name, field)
    }
  }
}
