import type { Clock } from './clock.ts'
import type { Identity } from './decide/observation.ts'
import type { Cloud } from './parts.ts'

const callMs = 15_000

/**
 * Completes the termination hooks that wait for this instance. False while Auto Scaling still deregisters it: the
 * hooks begin only then.
 * @throws {Failure}
 */
export async function releaseInstance(clock: Clock, cloud: Cloud, identity: Identity): Promise<boolean> {
  const membership = await cloud.membership(identity.instanceId, clock.deadline(callMs))
  if (membership === null) return true
  const { group, lifecycleState } = membership
  if (lifecycleState !== 'Terminating:Wait') return !/^(InService|Standby|Terminating)$/.test(lifecycleState)
  for (const hook of await cloud.hooks.list(group, 'autoscaling:EC2_INSTANCE_TERMINATING')) {
    await cloud.hooks.complete(group, hook.name, identity.instanceId, 'CONTINUE')
  }
  return true
}
