import type { Cloud } from '../cloud.ts'
import { Timers } from '../timers.ts'
import { awsTiming, type Timing } from '../timing.ts'

/** Auto Scaling groups and what they do by themselves. */
export class AutoScaling {
  readonly #timers: Timers
  readonly timing: Timing

  /** Other models are looked up in `cloud` only when needed: it may still be incomplete here. */
  constructor(cloud: Cloud, timing: Partial<Timing> = {}) {
    this.timing = { ...awsTiming, ...timing }
    this.#timers = new Timers(cloud.clock)
  }

  /** What IMDS says at autoscaling/target-lifecycle-state, null where it never was in a group. */
  targetLifecycleState(_instanceId: string): string | null {
    return null
  }

  close(): void {
    this.#timers.close()
  }
}
