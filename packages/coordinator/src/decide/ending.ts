import type { Side } from './fleet.ts'
import { entering, ids, standby } from './fleet.ts'
import { batchSize, fromStandbySize, terminateSize } from './step.ts'
import type { Step } from './step.ts'
import { count, list, verb } from './words.ts'
import type { Instance, World } from './world.ts'

const gone = new Set(['terminated', 'missing'])

/**
 * Takes instances out of a group before they are terminated, never the other way round: a terminated instance stays in
 * its group as Standby. The executor detaches without decrementing desired, which does not count Standby anyway
 * (Auto Scaling user guide, ec2-auto-scaling-detach-attach-instances).
 */
export function detachBatch(world: World, side: Side, which: readonly Instance[], why: string): Step | null {
  if (which.length === 0) return null
  const instances = ids(which).slice(0, fromStandbySize)
  return {
    kind: 'detach',
    group: world[side].name,
    instances,
    why: `${why}: ${list(instances)} ${verb(instances.length, 'is', 'are')} detached.`,
  }
}

/** Lifts scale-in protection from instances that are to be ended. */
export function unprotectBatch(world: World, side: Side, which: readonly Instance[]): Step | null {
  const instances = ids(which.filter((instance) => instance.protected)).slice(0, batchSize)
  if (instances.length === 0) return null
  return {
    kind: 'unprotect',
    group: world[side].name,
    instances,
    why: `${list(instances)} of ${world[side].name} ${verb(instances.length, 'is', 'are')} to be ended and protected from scale-in.`,
  }
}

/** Ids that left their group, or are leaving it, and whose end EC2 has not confirmed. */
function outside(world: World): string[] {
  const inside = new Set([...ids(world.old.instances), ...ids(world.new.instances)])
  return world.deployment.ending.filter((id) => !inside.has(id) && !gone.has(world.machines.get(id) ?? ''))
}

/** Terminates what was detached; only what is in no group any more. */
export function terminateDetached(world: World): Step | null {
  const instances = outside(world)
    .filter((id) => {
      const machine = world.machines.get(id)
      return machine !== undefined && machine !== 'shutting-down'
    })
    .slice(0, terminateSize)
  if (instances.length === 0) return null
  const why = `${list(instances)} left ${verb(instances.length, 'its group and is', 'their group and are')} terminated.`
  return { kind: 'terminate', instances, why }
}

export function waitTerminated(world: World): Step | null {
  const detaching = [...world.old.instances, ...world.new.instances].filter(
    (instance) => instance.lifecycle === 'Detaching' || instance.lifecycle === 'Detached',
  )
  const left = [...ids(detaching), ...outside(world)]
  if (left.length === 0) return null
  const waitingFor = `${count(left.length, 'instance')} to be terminated (${list(left)})`
  return { kind: 'wait', waitingFor, instances: left, why: `EC2 still has ${list(left)}.` }
}

/** A group whose fleet is gone, or goes, launches nothing. */
export function keepAtZero(world: World, side: Side): Step | null {
  const { min, desired, name } = world[side]
  if (min === 0 && desired === 0) return null
  return { kind: 'size', group: name, min: 0, desired: 0, why: `${name} stays at 0 until it is deployed to.` }
}

export function waitGone(world: World, side: Side): Step | null {
  const { name, instances } = world[side]
  const left = ids(instances)
  if (left.length === 0) return null
  const waitingFor = `${list(left)} to leave ${name}`
  return { kind: 'wait', waitingFor, instances: left, why: `${name} still has ${list(left)}.` }
}

/** Instances in Standby do not leave with desired 0: they are detached and terminated. `stay`: those that are kept. */
export function endStandby(world: World, side: Side, why: string, stay: readonly string[] = []): Step | null {
  const goes = ({ id }: Instance) => !stay.includes(id)
  if (entering(world[side]).some(goes)) return null
  const parked = standby(world[side]).filter(goes)
  return unprotectBatch(world, side, parked) ?? detachBatch(world, side, parked, why)
}

/** Instances whose reports are stale once the command has ended: gone from the group they report, or ended by us. */
export function endedInstances(world: World, side: Side): string[] {
  const inside = new Set([...ids(world.old.instances), ...ids(world.new.instances)])
  const reported = [...world.reports.values()]
    .filter((report) => report.group === world[side].name)
    .map((report) => report.instanceId)
  return [...new Set([...world.deployment.ending, ...reported])].filter((id) => !inside.has(id)).toSorted()
}
