import { groupNames, type GroupName } from './plan.ts'

/** instances: they were moved in or out by hand. */
type Field = 'sizes' | 'instances'

/** What the world and other hands did, which no rule holds against a coordinator. */
export class Interference {
  /** When each instance was taken out of service by others, milliseconds since the epoch. */
  readonly harmed = new Map<string, number>()
  /** Instances that somebody took out of their group and went on to own. */
  readonly detached = new Set<string>()
  /** Whether EC2 refused to launch for a while: what a group wants then comes whenever it tries again. */
  withheld = false
  /** Least that another hand wanted to serve. */
  wanted = Number.POSITIVE_INFINITY
  /** Values that another hand gave to sizes; processes it suspended or resumed, tags and policies it set or deleted. */
  readonly mins = new Set<number>()
  readonly maxes = new Set<number>()
  readonly processes = new Set<string>()
  readonly tags = new Set<string>()
  readonly policies = new Set<string>()
  /** Scheduled actions set by hand, and their mins: they act, and are gone, whenever their time comes. */
  readonly schedules = new Map<string, number>()
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

  /** Of any group: the one that serves follows. */
  get resized(): boolean {
    return groupNames.some((name) => this.touched(name, 'sizes', 'instances'))
  }

  schedule(name: string, min: number): void {
    this.schedules.set(name, min)
    this.#begin()
  }

  /** A deployment begins: what was done before is what it finds. */
  beginAnew(): void {
    this.#touched.clear()
    for (const values of [this.mins, this.maxes, this.processes, this.tags, this.policies]) values.clear()
    this.#begin()
  }

  #begin(): void {
    for (const min of this.schedules.values()) {
      this.mins.add(min)
      for (const name of groupNames) this.touch(name, 'sizes')
    }
  }
}
