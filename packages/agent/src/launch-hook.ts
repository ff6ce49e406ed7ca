import type { Release } from '@switchover/contract/tags'
import { decideLaunchHook, launchHookIn, type Outcome } from './decide/hook.ts'
import type { Identity } from './decide/observation.ts'
import type { Knowledge } from './knowledge.ts'
import type { Cloud, Parts } from './parts.ts'
import { recurring } from './recurring.ts'
import type { Status } from './status.ts'

const callMs = 15_000
const pendingMs = 2_000
const waitingMs = 10_000
const retry = { baseMs: 1_000, capMs: 30_000 }

/** The instance the hook waits for; one that goes back to the warm pool will be waited for again. */
type Whose = { cloud: Cloud; identity: Identity; knowledge: Pick<Knowledge, 'warm'> }

/**
 * Keeps the launch hook alive while the machine works and ends it when it is ready or has failed for good. Ends itself
 * when Auto Scaling no longer waits.
 */
export async function tendLaunchHook(
  parts: Parts,
  whose: Whose,
  status: Status,
  stop: AbortSignal,
): Promise<void> {
  // When the hook began to wait, or an agent before this one kept it waiting, is not known.
  let heartbeatAt = 0
  const task = async (): Promise<number | 'done'> => {
    const result = await tendOnce(parts, whose, status, heartbeatAt)
    if (result === 'done') return result
    if (result.heartbeat) heartbeatAt = parts.clock.now()
    return result.waitMs
  }
  await recurring(parts, status, stop, { task, failed: 'The launch hook', retry })
}

async function tendOnce(
  { clock, log }: Parts,
  { cloud, identity: { instanceId }, knowledge }: Whose,
  status: Status,
  heartbeatAt: number,
): Promise<'done' | { waitMs: number; heartbeat: boolean }> {
  const membership = await cloud.membership(instanceId, clock.deadline(callMs))
  if (membership === null) return { waitMs: pendingMs, heartbeat: false }
  const { group, lifecycleState } = membership
  const waits = launchHookIn(lifecycleState)
  if (waits === 'over' && !knowledge.warm) return 'done'
  if (waits !== 'waits')
    return { waitMs: lifecycleState === 'Pending' ? pendingMs : waitingMs, heartbeat: false }
  const hooks = await cloud.hooks.list(group, 'autoscaling:EC2_INSTANCE_LAUNCHING')
  let heartbeat = false
  let waitMs = waitingMs
  for (const hook of hooks) {
    const since = clock.now() - heartbeatAt
    const release: Release = status.wanted?.release ?? 'together'
    const step = decideLaunchHook(lifecycleState, release, outcomeOf(status), since, hook.heartbeatTimeoutMs)
    waitMs = Math.min(waitMs, hook.heartbeatTimeoutMs / 3)
    switch (step.kind) {
      case 'complete':
        await cloud.hooks.complete(group, hook.name, instanceId, step.result)
        log.info(`Launch hook ${hook.name} completed with ${step.result}.`)
        waitMs = Math.min(waitMs, pendingMs)
        break
      case 'heartbeat':
        await cloud.hooks.heartbeat(group, hook.name, instanceId)
        heartbeat = true
        break
      case 'look-again':
      case 'done':
        break
    }
  }
  return { waitMs, heartbeat }
}

function outcomeOf(status: Status): Outcome {
  if (status.phase === 'failed') return 'failed'
  if (status.pooled) return 'pooled'
  return status.ready ? 'ready' : 'working'
}
