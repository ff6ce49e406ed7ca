import type { Group, Instance, MachineState, TrafficSource, TargetHealth, World } from './world.ts'
import type { Side } from './fleet.ts'

/** Small moves on a modelled world, none of which decides anything. */

/** What AWS answers where a step breaks one of its rules. */
export class ModelRefusal extends Error {
  override readonly name = 'ModelRefusal'
}

export function withGroup(world: World, side: Side, change: Partial<Group>): World {
  return { ...world, [side]: { ...world[side], ...change } }
}

export function withInstance(world: World, side: Side, id: string, change: Partial<Instance>): World {
  const instances = world[side].instances.map((one) => (one.id === id ? { ...one, ...change } : one))
  return withGroup(world, side, { instances })
}

export function withoutInstance(world: World, side: Side, id: string): World {
  return withGroup(world, side, { instances: world[side].instances.filter((one) => one.id !== id) })
}

export function withMachine(world: World, id: string, state: MachineState): World {
  return { ...world, machines: new Map(world.machines).set(id, state) }
}

/** Sets the state of an instance in every target group; null: not registered. */
export function withHealth(world: World, id: string, health: TargetHealth | null): World {
  const trafficSources = world.trafficSources.map((target): TrafficSource => {
    const next = new Map(target.health)
    if (health === null) next.delete(id)
    else next.set(id, health)
    return { ...target, health: next }
  })
  return { ...world, trafficSources }
}

export const initial: TargetHealth = { state: 'initial', reason: 'Elb.InitialHealthChecking' }
export const healthy: TargetHealth = { state: 'healthy', reason: null }
export const draining: TargetHealth = { state: 'draining', reason: 'Target.DeregistrationInProgress' }

export function sideOf(world: World, group: string): Side {
  return world.old.name === group ? 'old' : 'new'
}

/** Takes an instance out of service for good, by way of the drain. */
export function terminating(world: World, side: Side, id: string): World {
  const registered = world.trafficSources.some((target) => target.health.has(id))
  const next = withInstance(world, side, id, { lifecycle: 'Terminating' })
  return registered ? withHealth(next, id, draining) : next
}

const counted = (instance: Instance) =>
  instance.lifecycle === 'InService' || instance.lifecycle.startsWith('Pending')

function freeName(world: World, side: Side): string {
  const taken = new Set([
    ...world.machines.keys(),
    ...world.old.instances.map((one) => one.id),
    ...world.new.instances.map((one) => one.id),
  ])
  for (let n = 1; ; n++) {
    const name = `${world[side].name}#${n}`
    if (!taken.has(name)) return name
  }
}

const present = (group: Group) => group.instances.filter(counted)

/** Launches what is missing. */
export function launchMissing(world: World, side: Side): World {
  let next = world
  while (present(next[side]).length < next[side].desired && !next[side].suspended.includes('Launch')) {
    const id = freeName(next, side)
    const launched: Instance = { id, lifecycle: 'Pending', healthy: true, protected: false }
    next = withGroup(next, side, { instances: [...next[side].instances, launched] })
    next = withMachine(next, id, 'pending')
  }
  return next
}

/** What Auto Scaling does by itself: launches what is missing, ends what is too much and not protected. */
export function reconcile(world: World, side: Side): World {
  let next = launchMissing(world, side)
  const surplus = present(next[side]).length - next[side].desired
  const victims = present(next[side])
    .filter((instance) => !instance.protected && instance.lifecycle !== 'Pending:Wait')
    .slice(0, Math.max(0, surplus))
  if (!next[side].suspended.includes('Terminate')) {
    for (const victim of victims) next = terminating(next, side, victim.id)
  }
  return next
}
