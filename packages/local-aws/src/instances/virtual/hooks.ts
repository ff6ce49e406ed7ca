import type { Group } from '../../auto-scaling/group.ts'
import type { Cloud } from '../../cloud.ts'
import { refusalOf, type AgentRights } from './rights.ts'

type Wait = Readonly<{ group: Group; hook: string }>

/** The lifecycle actions of one instance, answered as its agent would. What IAM refuses is left undone. */
export class AgentHooks {
  readonly #cloud: Cloud
  readonly #instanceId: string
  readonly #rights: AgentRights

  constructor(cloud: Cloud, instanceId: string, rights: AgentRights) {
    this.#cloud = cloud
    this.#instanceId = instanceId
    this.#rights = rights
  }

  complete(transition: 'LAUNCHING' | 'TERMINATING', result: 'CONTINUE' | 'ABANDON'): void {
    const { actions } = this.#cloud.autoScaling.moves
    for (const { group, hook } of this.#waits(transition)) {
      // An ABANDON ends what the other hooks wait for too.
      if (!this.#waits(transition).some((wait) => wait.hook === hook)) continue
      if (refusalOf(() => this.#rights.answerHook(group.name, 'CompleteLifecycleAction'))) continue
      actions.complete(group, hook, { token: undefined, instanceId: this.#instanceId }, result)
      this.#cloud.autoScaling.wake(group)
    }
  }

  /** Keeps launch actions alive. */
  heartbeat(): void {
    const { actions } = this.#cloud.autoScaling.moves
    for (const { group, hook } of this.#waits('LAUNCHING')) {
      if (refusalOf(() => this.#rights.answerHook(group.name, 'RecordLifecycleActionHeartbeat'))) continue
      actions.heartbeat(group, hook, { token: undefined, instanceId: this.#instanceId })
    }
  }

  /** What the instance waits for. */
  #waits(transition: 'LAUNCHING' | 'TERMINATING'): Wait[] {
    const found = this.#cloud.autoScaling.find(this.#instanceId)
    const waits = [...(found?.member.waits.values() ?? [])]
    return waits.flatMap(({ hook }) =>
      found && hook.transition.endsWith(transition) ? [{ group: found.group, hook: hook.name }] : [],
    )
  }
}
