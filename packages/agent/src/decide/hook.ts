import type { Release } from '@switchover/contract/tags'

export type Outcome = 'working' | 'ready' | 'failed'

export type HookStep =
  | { kind: 'complete'; result: 'CONTINUE' | 'ABANDON' }
  | { kind: 'heartbeat' }
  | { kind: 'look-again' }
  | { kind: 'done' }

/**
 * What to do about the launch hook.
 * @param state LifecycleState of DescribeAutoScalingInstances; `Pending` comes before the hook waits, so only a state
 * past `Pending:Wait` ends the matter
 */
export function decideLaunchHook(
  state: string | null,
  release: Release,
  outcome: Outcome,
  sinceHeartbeatMs: number,
  heartbeatTimeoutMs: number,
): HookStep {
  if (state === null || state === 'Pending') return { kind: 'look-again' }
  if (state !== 'Pending:Wait') return { kind: 'done' }
  if (release === 'each' && outcome === 'ready') return { kind: 'complete', result: 'CONTINUE' }
  if (release === 'each' && outcome === 'failed') return { kind: 'complete', result: 'ABANDON' }
  return sinceHeartbeatMs >= heartbeatTimeoutMs / 3 ? { kind: 'heartbeat' } : { kind: 'look-again' }
}
