import type { InstanceState } from '../ec2/instance.ts'
import type { Pool, Target } from './target-group.ts'

/** What DescribeTargetHealth says of one target. */
export type Health = Readonly<{ state: string; reason?: string; description?: string }>

export const notRegistered: Health = {
  state: 'unused',
  reason: 'Target.NotRegistered',
  description: 'Target is not registered to the target group',
}

/** Reasons and their order: ALB guide, target health status. @param at `used`: a listener forwards to the pool */
export function healthOf(
  pool: Pool,
  target: Target,
  at: { machine: InstanceState | null; used: boolean; now: number },
): Health {
  if (target.state === 'draining') return told(target)
  if (isDown(at.machine))
    return {
      state: 'unused',
      reason: 'Target.InvalidState',
      description: `Target is in the ${at.machine ?? 'terminated'} state`,
    }
  if (!at.used)
    return {
      state: 'unused',
      reason: 'Target.NotInUse',
      description: 'Target group is not configured to receive traffic from the load balancer',
    }
  const { state, ...why } = told(target)
  return { state: drainsUnhealthy(pool, target, at.now) ? 'unhealthy.draining' : state, ...why }
}

/** What makes a target unused: an instance on its way there goes on being checked, and sent requests (API TargetHealth). */
export function isDown(state: InstanceState | null): boolean {
  return state === null || state === 'stopped' || state === 'terminated'
}

/** `unhealthy.draining`: no new flows, and those it has may end in this time (NLB guide, unhealthy connection termination). */
function drainsUnhealthy(pool: Pool, { state, unhealthyAt }: Target, now: number): boolean {
  if (pool.kind !== 'network' || state !== 'unhealthy' || unhealthyAt === undefined) return false
  if (pool.attributes['target_health_state.unhealthy.connection_termination.enabled'] !== 'false')
    return false
  const interval = Number(pool.attributes['target_health_state.unhealthy.draining_interval_seconds'])
  return now < unhealthyAt + interval * 1_000
}

function told(target: Target): Health {
  if (!target.reason) return { state: target.state }
  return { state: target.state, reason: target.reason.code, description: target.reason.description }
}
