import { endedInstances } from './ending.ts'
import { entering, gaveUp, healthyEverywhere, ids, inService, standby } from './fleet.ts'
import { floorWarning } from './floor.ts'
import type { Rule } from './ladder.ts'
import { batchSize } from './step.ts'
import { count, list, verb } from './words.ts'
import type { Instance, World } from './world.ts'

/** Instances of the new group that are kept for a post-mortem, or on their way there. */
export function keptInStandby({ deployment, new: group }: World): string[] {
  const kept = new Set(deployment.kept)
  return ids([...entering(group), ...standby(group)]).filter((id) => kept.has(id))
}

/** What a post-mortem needs most comes first: whose agent gave up, then what is not healthy, then any other. */
function worth(world: World, { id, healthy }: Instance): number {
  const report = world.reports.get(id)
  if (report !== undefined && gaveUp(report)) return 0
  return healthy && healthyEverywhere(world, id) ? 2 : 1
}

/**
 * New instances in service that are to be parked now: those the record names already, else the most telling ones. One
 * that is still launching cannot enter Standby (API reference, EnterStandby), nor one that enters service when the group was told to end
 * all, for there is nothing left to decrement.
 */
function toKeep(world: World): string[] {
  const { kept, back } = world.deployment
  const serves = inService(world.new)
  const most = Math.min(batchSize, world.new.desired)
  const named = ids(serves).filter((id) => kept.includes(id))
  if (named.length > 0) return named.slice(0, most)
  const free = Math.min(most, Math.max(0, back.keep - kept.length))
  return ids(serves.toSorted((a, b) => worth(world, a) - worth(world, b))).slice(0, free)
}

/** EnterStandby lowers desired, and min must not stop it. */
export const freeNewMin: Rule = (world) => {
  const { min, name } = world.new
  if (min === 0 || toKeep(world).length === 0) return null
  const why = `Instances of ${name} are kept in Standby, which lowers its desired capacity.`
  return { kind: 'size', group: name, min: 0, why }
}

export const keepNew: Rule = (world) => {
  const instances = toKeep(world)
  if (instances.length === 0) return null
  return {
    kind: 'enter-standby',
    group: world.new.name,
    instances,
    why: `${list(instances)} of ${world.new.name} ${verb(instances.length, 'is', 'are')} kept for a post-mortem.`,
    ...floorWarning(world),
  }
}

export const waitKeptDrain: Rule = (world) => {
  const draining = ids(entering(world.new))
  if (draining.length === 0) return null
  return {
    kind: 'wait',
    waitingFor: `${count(draining.length, 'kept instance')} to drain`,
    instances: draining,
    why: `${list(draining)} of ${world.new.name} ${verb(draining.length, 'is', 'are')} kept once out of the load balancer.`,
  }
}

/** The rollback is over but for the instances that are kept; `finish` ends them. */
export const settleKept: Rule = (world) => {
  const kept = keptInStandby(world)
  if (kept.length === 0) return null
  return (
    waitKeptDrain(world) ?? {
      kind: 'settle',
      stage: 'kept',
      kept,
      ended: endedInstances(world, 'new'),
      why: `${world.old.name} serves; ${list(kept)} of ${world.new.name} ${verb(kept.length, 'is', 'are')} kept for a post-mortem.`,
    }
  )
}
