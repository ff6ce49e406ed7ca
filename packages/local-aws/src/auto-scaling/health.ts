import type { Cloud } from '../cloud.ts'
import type { Group, Member } from './group.ts'
import { ec2Cause, elbCause } from './turn.ts'

/** Target groups go from Adding to Added to InService, the last with the first healthy instance of this group (UG load-balancer-status). */
export function followAttachments(cloud: Cloud, group: Group): void {
  for (const [arn, attachment] of group.targetGroups) {
    if (attachment === 'Adding') group.targetGroups.set(arn, 'Added')
    if (attachment !== 'Added') continue
    const serving = [...group.members.values()].some(
      (member) => targetState(cloud, arn, member) === 'healthy',
    )
    if (serving) group.targetGroups.set(arn, 'InService')
  }
}

function targetState(cloud: Cloud, arn: string, member: Member): string | null {
  return cloud.loadBalancing.targetGroups.has(arn) ? cloud.loadBalancing.health(arn, member.id).state : null
}

/**
 * Marks instances that EC2 no longer runs or a target group calls unhealthy (UG ec2-auto-scaling-health-checks).
 * Standby is not checked; ELB counts after the grace period only, initial, draining and unused do not count as unhealthy.
 */
export function markUnhealthy(cloud: Cloud, group: Group): void {
  if (group.suspended.has('HealthCheck')) return
  const byLoadBalancer = group.healthCheckType.includes('ELB')
  for (const member of group.members.values()) {
    if (!member.healthy) continue
    if (isLost(cloud, member)) mark(member, ec2Cause)
    else if (byLoadBalancer && member.lifecycle === 'InService' && cloud.clock.now() >= member.graceUntil) {
      const unhealthy = [...group.targetGroups].some(
        ([arn, attachment]) => attachment === 'InService' && targetState(cloud, arn, member) === 'unhealthy',
      )
      if (unhealthy) mark(member, elbCause)
    }
  }
}

export function mark(member: Member, cause: string): void {
  member.healthy = false
  member.unhealthyCause = cause
}

/** In service, and EC2 says it is neither starting nor running: grace does not help. */
function isLost(cloud: Cloud, member: Member): boolean {
  if (member.lifecycle !== 'InService') return false
  const state = cloud.ec2.stateOf(member.id)
  return state !== 'running' && state !== 'pending'
}
