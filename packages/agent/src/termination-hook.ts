import type { Ending } from './decide/lifecycle.ts'
import type { Identity } from './decide/observation.ts'
import { errorText } from './failure.ts'
import type { Clock } from './clock.ts'
import type { Cloud, Parts } from './parts.ts'

const callMs = 15_000
const lookMs = 10_000
const transition = 'autoscaling:EC2_INSTANCE_TERMINATING'

/** Keeps the termination hooks waiting while the app drains and stops: a hook may be shorter than that. */
export async function holdTermination(
  { clock, log }: Parts,
  cloud: Cloud,
  { instanceId }: Identity,
  released: () => boolean,
  stop: AbortSignal,
): Promise<void> {
  const beats = new Map<string, number>()
  while (!stop.aborted && !released()) {
    let waitMs = lookMs
    try {
      const membership = await cloud.membership(instanceId, clock.deadline(callMs))
      if (membership === null) return
      const { group, lifecycleState } = membership
      const hooks = isWaiting(lifecycleState) ? await cloud.hooks.list(group, transition) : []
      for (const { name, heartbeatTimeoutMs } of hooks) {
        const everyMs = heartbeatTimeoutMs / 3
        waitMs = Math.min(waitMs, everyMs)
        if (released() || clock.now() - (beats.get(name) ?? 0) < everyMs) continue
        await cloud.hooks.heartbeat(group, name, instanceId)
        beats.set(name, clock.now())
      }
    } catch (error) {
      log.warn(`The termination hook: ${errorText(error)}`)
    }
    await clock.sleep(waitMs, stop)
  }
}

/**
 * Completes the termination hooks that wait for this instance. False while Auto Scaling still deregisters it: the
 * hooks begin only then.
 * @throws {Failure}
 */
export async function releaseInstance(
  clock: Clock,
  cloud: Cloud,
  identity: Identity,
  kind: Ending['kind'],
): Promise<boolean> {
  const membership = await cloud.membership(identity.instanceId, clock.deadline(callMs))
  if (membership === null) return true
  const { group, lifecycleState } = membership
  if (!isWaiting(lifecycleState)) return !hooksWillWait(lifecycleState, kind)
  for (const hook of await cloud.hooks.list(group, transition)) {
    await cloud.hooks.complete(group, hook.name, identity.instanceId, 'CONTINUE')
  }
  return true
}

/** Whether an ending instance in that state has its hooks before it: what it is told may be ahead of its group's answer. */
function hooksWillWait(lifecycleState: string, kind: Ending['kind']): boolean {
  if (/^(InService|Standby|EnteringStandby|Pending(:\w+)?|(Warmed:)?Terminating)$/.test(lifecycleState))
    return true
  // An instance may be ended in the warm pool; one that was to go there has arrived.
  return kind !== 'pooled' && /^Warmed:(Pending(:\w+)?|Running)$/.test(lifecycleState)
}

/** An instance of the warm pool has states of its own. */
function isWaiting(lifecycleState: string): boolean {
  return lifecycleState === 'Terminating:Wait' || lifecycleState === 'Warmed:Terminating:Wait'
}
