import type { Cloud } from '../cloud.ts'
import { uuid } from '../ids.ts'
import type { Timers } from '../timers.ts'
import { AwsError } from '../wire/operation.ts'
import type { Group, Hook, HookResult, Member, Transition } from './group.ts'

const globalLimitMs = 48 * 3_600_000

/** How the waits of an instance ended: `why` words an ABANDON as activities do. */
export type WaitsEnd = { result: HookResult; why: string | null }

/** Lifecycle actions: what a hook holds an instance for, until it is completed, abandoned or times out (UG lifecycle-hooks). */
export class LifecycleActions {
  readonly #cloud: Cloud
  readonly #timers: Timers
  readonly #ends = new Map<Member, (end: WaitsEnd) => void>()

  constructor(cloud: Cloud, timers: Timers) {
    this.#cloud = cloud
    this.#timers = timers
  }

  /** Begins one action per hook of the transition; `ended` is called once, after the last or at the first ABANDON. False where no hook is. */
  begin(group: Group, member: Member, transition: Transition, ended: (end: WaitsEnd) => void): boolean {
    const hooks = [...group.hooks.values()].filter((hook) => hook.transition === transition)
    if (hooks.length === 0) return false
    const now = this.#cloud.clock.now()
    this.#ends.set(member, ended)
    for (const hook of hooks) {
      member.waits.set(hook.name, {
        hook,
        token: uuid(this.#cloud.random),
        limitAt: now + Math.min(globalLimitMs, hook.heartbeatMs * 100),
        cancel: this.#timeout(member, hook, hook.heartbeatMs),
      })
    }
    return true
  }

  #timeout(member: Member, hook: Hook, delayMs: number) {
    return this.#timers.after(delayMs, () =>
      this.#complete(member, hook.name, hook.defaultResult, 'Heartbeat Timeout'),
    )
  }

  /** @throws {AwsError} ValidationError where nothing waits. */
  complete(group: Group, hookName: string, action: ActionName, result: HookResult): void {
    const member = this.#find(group, hookName, action)
    this.#complete(member, hookName, result, `Lifecycle Action Completed with ${result} Result`)
  }

  /** Begins the heartbeat anew. @throws {AwsError} ValidationError where nothing waits. */
  heartbeat(group: Group, hookName: string, action: ActionName): void {
    const member = this.#find(group, hookName, action)
    const wait = member.waits.get(hookName)
    if (!wait) return
    wait.cancel()
    const left = wait.limitAt - this.#cloud.clock.now()
    wait.cancel = this.#timeout(member, wait.hook, Math.max(0, Math.min(wait.hook.heartbeatMs, left)))
  }

  #find(group: Group, hookName: string, { token, instanceId }: ActionName): Member {
    if (!group.hooks.has(hookName) && ![...group.members.values()].some((one) => one.waits.has(hookName)))
      throw new AwsError('ValidationError', `No Lifecycle Hook found with name: ${hookName}`)
    for (const member of group.members.values()) {
      const wait = member.waits.get(hookName)
      if (wait && (token === undefined ? member.id === instanceId : wait.token === token)) return member
    }
    const named = token === undefined ? `instance ID ${instanceId ?? 'null'}` : `token ${token}`
    throw new AwsError('ValidationError', `No active Lifecycle Action found with ${named}`)
  }

  #complete(member: Member, hookName: string, result: HookResult, how: string): void {
    const wait = member.waits.get(hookName)
    if (!wait) return
    wait.cancel()
    member.waits.delete(hookName)
    if (result === 'CONTINUE' && member.waits.size > 0) return
    const why =
      result === 'ABANDON'
        ? `Instance failed to complete user's Lifecycle Action: Lifecycle Action with token ${wait.token} was abandoned: ${how}`
        : null
    const ended = this.#ends.get(member)
    this.drop(member)
    ended?.({ result, why })
  }

  /** Forgets what an instance waits for, telling nobody. */
  drop(member: Member): void {
    for (const wait of member.waits.values()) wait.cancel()
    member.waits.clear()
    this.#ends.delete(member)
  }
}

/** A waiting action is named by its token or by its instance. */
export type ActionName = { token: string | undefined; instanceId: string | undefined }
