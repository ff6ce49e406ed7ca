import type { Release } from '@switchover/contract/tags'

/** `pooled`: all that the warm pool is for has been done. */
export type Outcome = 'working' | 'pooled' | 'ready' | 'failed'

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
  if (state.startsWith('Warmed:')) return decideWarmHook(state, outcome, sinceHeartbeatMs, heartbeatTimeoutMs)
  if (state !== 'Pending:Wait') return { kind: 'done' }
  if (release === 'each' && outcome === 'ready') return { kind: 'complete', result: 'CONTINUE' }
  if (release === 'each' && outcome === 'failed') return { kind: 'complete', result: 'ABANDON' }
  return keepWaiting(sinceHeartbeatMs, heartbeatTimeoutMs)
}

/**
 * The launch hook waits twice where there is a warm pool: before the instance is put away, which is the agent's to allow
 * whoever releases instances into service, and before it serves.
 */
function decideWarmHook(
  state: string,
  outcome: Outcome,
  sinceHeartbeatMs: number,
  heartbeatTimeoutMs: number,
): HookStep {
  if (state !== 'Warmed:Pending:Wait') return { kind: 'look-again' }
  if (outcome === 'failed') return { kind: 'complete', result: 'ABANDON' }
  if (outcome !== 'working') return { kind: 'complete', result: 'CONTINUE' }
  return keepWaiting(sinceHeartbeatMs, heartbeatTimeoutMs)
}

function keepWaiting(sinceHeartbeatMs: number, heartbeatTimeoutMs: number): HookStep {
  return sinceHeartbeatMs >= heartbeatTimeoutMs / 3 ? { kind: 'heartbeat' } : { kind: 'look-again' }
}

/** Whether the launch hook waits in that state of the instance, will still wait, or has nothing to wait for. */
export function launchHookIn(state: string): 'later' | 'waits' | 'over' {
  if (state === 'Pending:Wait' || state === 'Warmed:Pending:Wait') return 'waits'
  return state === 'Pending' || state.startsWith('Warmed:') ? 'later' : 'over'
}
