import type { Cloud } from '../cloud.ts'
import type { Group, Member } from './group.ts'
import { ec2Cause, elbCause } from './turn.ts'

/**
 * Traffic sources go from Adding to Added to InService, the last with the first healthy instance of this group; those being
 * removed are gone once no instance of it is registered (UG load-balancer-status).
 */
export function followAttachments(cloud: Cloud, group: Group): void {
  for (const [id, attachment] of group.trafficSources) {
    const states = [...group.members.values()].map((member) => targetState(cloud, id, member))
    if (attachment === 'Adding') group.trafficSources.set(id, 'Added')
    if (attachment === 'Removing' && states.every((state) => state === null || state === 'unused'))
      group.trafficSources.delete(id)
    if (attachment === 'Added' && states.includes('healthy')) group.trafficSources.set(id, 'InService')
  }
}

/** In the words of target groups, whatever the kind of load balancer; null where it is gone. */
function targetState(cloud: Cloud, id: string, member: Member): string | null {
  const pool = cloud.loadBalancing.pool(id)
  return pool ? cloud.loadBalancing.health(pool, member.id).state : null
}

/**
 * Marks instances that EC2 no longer runs or a traffic source calls unhealthy (UG ec2-auto-scaling-health-checks).
 * Standby is not checked; ELB counts after the grace period only, initial, draining and unused do not count as unhealthy.
 */
export function markUnhealthy(cloud: Cloud, group: Group): void {
  if (group.suspended.has('HealthCheck')) return
  const byLoadBalancer = group.healthCheckType.includes('ELB')
  for (const member of group.members.values()) {
    if (!member.healthy) continue
    if (isLost(cloud, member)) mark(member, ec2Cause)
    else if (byLoadBalancer && member.lifecycle === 'InService' && cloud.clock.now() >= member.graceUntil) {
      const unhealthy = [...group.trafficSources].some(
        ([id, attachment]) =>
          attachment === 'InService' && targetState(cloud, id, member)?.startsWith('unhealthy'),
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
