import type { Deployment } from '@switchover/contract/deployment'
import type { Group } from '../decide/world.ts'
import type { Role } from './model.ts'

/** While a deployment is open its record tells old from new; otherwise who serves is live. */
export function roleOf(group: Group, groups: readonly Group[], deployment: Deployment | null): Role {
  const serves = isServing(group)
  if (group.instances.length === 0) return group.desired > 0 ? 'coming up' : 'idle'
  if (!serves) {
    if (group.instances.some(({ lifecycle }) => lifecycle.endsWith('Standby'))) {
      const kept = deployment !== null && deployment.kept.length > 0 && group.name === deployment.new.name
      return kept ? 'kept' : 'parked'
    }
    return group.desired > 0 ? 'coming up' : 'going away'
  }
  if (!groups.some((other) => other !== group && isServing(other)))
    return comesUpFirst(deployment) ? 'coming up' : 'live'
  const wanted = deployment?.goal === 'rollback' ? deployment.old.name : deployment?.new.name
  if (deployment?.goal === 'canary') return group.name === wanted ? 'canary' : 'live'
  if (deployment?.stage !== 'running') return 'serving too'
  if (deployment.marks.switchedAt === null) return group.name === wanted ? 'coming up' : 'live'
  if (group.name === wanted) return 'live'
  // What a rollback takes out of the load balancer stays in service until Auto Scaling ends it.
  return deployment.goal === 'rollback' ? 'going away' : 'serving too'
}

/** Of a first deployment nothing is live before it has switched. */
function comesUpFirst(deployment: Deployment | null): boolean {
  return deployment !== null && deployment.first && deployment.marks.switchedAt === null
}

function isServing(group: Group): boolean {
  return group.instances.some(({ lifecycle }) => lifecycle === 'InService')
}
