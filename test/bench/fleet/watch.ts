import type { Cloud } from '@switchover/local-aws/cloud'

/** What an instance, or a group's desired capacity, was first seen as; `at` in milliseconds of `performance.now()`. States are AWS's own words. */
export type Sighting = {
  at: number
  /** '' where it is about the group. */
  instance: string
  group: string
  what: 'lifecycle' | 'health' | 'machine' | 'desired'
  state: string
}

const everyMs = 25

/** Watches the account itself, not over the wire: eight hundred instances asked about ten times a second would be the load that is measured. */
export class Watch implements Disposable {
  readonly #cloud: Cloud
  readonly #targetGroupArn: string
  readonly #last = new Map<string, string>()
  readonly #groupOf = new Map<string, string>()
  readonly #timer: NodeJS.Timeout
  #seen: Sighting[] = []

  constructor(cloud: Cloud, targetGroupArn: string) {
    this.#cloud = cloud
    this.#targetGroupArn = targetGroupArn
    this.#look()
    this.#timer = setInterval(() => this.#look(), everyMs)
  }

  /** What was seen since the last time it was asked, oldest first. */
  take(): Sighting[] {
    this.#look()
    const seen = this.#seen
    this.#seen = []
    return seen
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const at = performance.now()
    const note = (group: string, instance: string, what: Sighting['what'], state: string) => {
      const key = `${what} ${group} ${instance}`
      if (this.#last.get(key) === state) return
      this.#last.set(key, state)
      this.#seen.push({ at, instance, group, what, state })
    }
    const { autoScaling, loadBalancing, ec2 } = this.#cloud
    const { targets } = loadBalancing.targetGroup(this.#targetGroupArn)
    const lifecycles = new Map<string, string>()
    for (const group of autoScaling.groups.values()) {
      note(group.name, '', 'desired', String(group.desired))
      for (const { id, lifecycle } of group.members.values()) {
        this.#groupOf.set(id, group.name)
        lifecycles.set(id, lifecycle)
      }
    }
    for (const [instance, group] of this.#groupOf) {
      note(group, instance, 'lifecycle', lifecycles.get(instance) ?? 'gone')
      note(group, instance, 'health', targets.get(instance)?.state ?? 'unused')
      note(group, instance, 'machine', ec2.stateOf(instance) ?? 'terminated')
    }
  }
}
