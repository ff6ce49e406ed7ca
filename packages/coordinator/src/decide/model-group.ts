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
  return withInstances(world, side, [id], change)
}

export function withInstances(
  world: World,
  side: Side,
  ids: readonly string[],
  change: Partial<Instance>,
): World {
  const changed = new Set(ids)
  const instances = world[side].instances.map((one) => (changed.has(one.id) ? { ...one, ...change } : one))
  return withGroup(world, side, { instances })
}

export function withoutInstance(world: World, side: Side, id: string): World {
  return withGroup(world, side, { instances: world[side].instances.filter((one) => one.id !== id) })
}

export function withMachine(world: World, id: string, state: MachineState): World {
  return withMachines(world, [id], state)
}

export function withMachines(world: World, ids: readonly string[], state: MachineState): World {
  return { ...world, machines: new Map([...world.machines, ...ids.map((id) => [id, state] as const)]) }
}

/** Sets the state of an instance in every target group; null: not registered. */
export function withHealth(world: World, id: string, health: TargetHealth | null): World {
  return withHealths(world, new Map([[id, health]]))
}

export function withHealths(world: World, healths: ReadonlyMap<string, TargetHealth | null>): World {
  const trafficSources = world.trafficSources.map((target): TrafficSource => {
    const next = new Map(target.health)
    for (const [id, health] of healths) {
      if (health === null) next.delete(id)
      else next.set(id, health)
    }
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

/** Takes instances out of service for good, by way of the drain. */
export function terminating(world: World, side: Side, ids: readonly string[]): World {
  const registered = ids.filter((id) => world.trafficSources.some((target) => target.health.has(id)))
  const next = withInstances(world, side, ids, { lifecycle: 'Terminating' })
  return withHealths(next, new Map(registered.map((id) => [id, draining])))
}

const counted = (instance: Instance) =>
  instance.lifecycle === 'InService' || instance.lifecycle.startsWith('Pending')

function freeNames(world: World, side: Side, count: number): string[] {
  const taken = new Set([
    ...world.machines.keys(),
    ...world.old.instances.map((one) => one.id),
    ...world.new.instances.map((one) => one.id),
  ])
  const names: string[] = []
  for (let n = 1; names.length < count; n++) {
    const name = `${world[side].name}#${n}`
    if (!taken.has(name)) names.push(name)
  }
  return names
}

const present = (group: Group) => group.instances.filter(counted)

/** Launches what is missing. */
export function launchMissing(world: World, side: Side): World {
  const { instances, desired, suspended } = world[side]
  const missing = desired - present(world[side]).length
  if (missing <= 0 || suspended.includes('Launch')) return world
  const ids = freeNames(world, side, missing)
  const launched = ids.map((id): Instance => ({ id, lifecycle: 'Pending', healthy: true, protected: false }))
  return withMachines(withGroup(world, side, { instances: [...instances, ...launched] }), ids, 'pending')
}

/** What Auto Scaling does by itself: launches what is missing, ends what is too much and not protected. */
export function reconcile(world: World, side: Side): World {
  const next = launchMissing(world, side)
  const surplus = present(next[side]).length - next[side].desired
  const victims = present(next[side])
    .filter((instance) => !instance.protected && instance.lifecycle !== 'Pending:Wait')
    .slice(0, Math.max(0, surplus))
  if (victims.length === 0 || next[side].suspended.includes('Terminate')) return next
  const ids = victims.map(({ id }) => id)
  return terminating(next, side, ids)
}
