import type { Report } from '@switchover/contract/report'
import type { Group, Instance, TrafficSource, World } from './world.ts'

/** The two groups of a deployment, as the record names them. */
export type Side = 'old' | 'new'

export function inService(group: Group): readonly Instance[] {
  return group.instances.filter((instance) => instance.lifecycle === 'InService')
}

/** Launching: Pending, Pending:Wait, Pending:Proceed. Counted in desired, not yet behind the load balancer. */
export function pending(group: Group): readonly Instance[] {
  return group.instances.filter((instance) => instance.lifecycle.startsWith('Pending'))
}

/** Still being deregistered on the way to Standby: for as long as the deregistration delay. */
export function entering(group: Group): readonly Instance[] {
  return group.instances.filter((instance) => instance.lifecycle === 'EnteringStandby')
}

/** Whether these are being deregistered on the way to Standby, every one of them. */
export function allEntering(group: Group, some: readonly string[]): boolean {
  const draining = new Set(ids(entering(group)))
  return some.length > 0 && some.every((id) => draining.has(id))
}

export function standby(group: Group): readonly Instance[] {
  return group.instances.filter((instance) => instance.lifecycle === 'Standby')
}

export function ids(instances: readonly Instance[]): string[] {
  return instances.map((instance) => instance.id)
}

/** Whether an agent says that its instance will never be ready. */
export function gaveUp({ phase, reason }: Pick<Report, 'phase' | 'reason'>): boolean {
  return reason?.kind === 'terminal' || (phase === 'failed' && reason === null)
}

/**
 * Whether EC2 or its agent says that a parked instance cannot come back. A parked instance gets no health checks and
 * reads Healthy even when terminated (Auto Scaling user guide, as-enter-exit-standby), so that the group is not asked.
 */
export function isDead(world: World, id: string): boolean {
  const machine = world.machines.get(id)
  if (machine !== undefined && machine !== 'running' && machine !== 'pending') return true
  const report = world.reports.get(id)
  return report !== undefined && gaveUp(report)
}

/** Old instances in Standby. Before the switch a person has put them there, beside a canary for one, and sees to them. */
function parked(world: World): readonly Instance[] {
  return switchBegun(world) ? standby(world.old) : []
}

export function deadParked(world: World): readonly Instance[] {
  return parked(world).filter((instance) => isDead(world, instance.id))
}

/** Parked instances that can come back, those whose deregistration has ended. */
export function returnable(world: World): readonly Instance[] {
  return parked(world).filter((instance) => !isDead(world, instance.id))
}

/** Whether an instance may be given new connections: unhealthy too, where nothing else is healthy. */
export function isRegistered({ health }: TrafficSource, id: string): boolean {
  const state = health.get(id)?.state
  return state !== undefined && state !== 'draining' && state !== 'unused'
}

/** Healthy by id in every target group; draining is not healthy, nor is a target nobody has registered. */
export function healthyEverywhere(world: World, id: string): boolean {
  return world.trafficSources.every((target) => target.health.get(id)?.state === 'healthy')
}

/** In service, healthy to the group and in every target group: what takes traffic now. */
export function serving(world: World, side: Side): readonly Instance[] {
  return inService(world[side]).filter(
    (instance) => instance.healthy && healthyEverywhere(world, instance.id),
  )
}

/** Milliseconds until a deregistered instance is out of every target group, at the longest. */
export function longestDrain(world: World): number {
  return Math.max(0, ...world.trafficSources.map((target) => target.deregistrationDelay))
}

export function longestSlowStart(world: World): number {
  return Math.max(0, ...world.trafficSources.map((target) => target.slowStart))
}

/** Whether old instances were put into Standby by this deployment, or were about to be. */
export function switchBegun(world: World): boolean {
  return world.deployment.parked.length > 0
}
