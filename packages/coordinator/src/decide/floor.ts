import { entering, ids, inService, pending, serving, standby, switchBegun } from './fleet.ts'
import type { Rule } from './ladder.ts'
import { isCanary } from './start.ts'
import { count, list, verb } from './words.ts'
import type { World } from './world.ts'

/**
 * Old instances that have to serve in the end of a rollback. Before the switch that is what live wants for itself;
 * after it, as many as the new group carries, for the service may have grown since.
 */
export function needed(world: World): number {
  if (!switchBegun(world)) return world.old.desired
  return Math.max(world.deployment.required, serving(world, 'new').length)
}

/** As many of them as have to serve before the new ones go: all, or under `rollback --floor` a part of them. */
export function neededAtOnce(world: World): number {
  return Math.ceil((needed(world) * world.deployment.back.floor) / 100)
}

/** What is said when the new group leaves though the old one carries less than the service needs. */
export function floorWarning(world: World): { warning?: string } {
  const serves = serving(world, 'old').length
  const needs = needed(world)
  const { back, service } = world.deployment
  if (back.floor === 100 || isCanary(world.deployment) || serves >= needs) return {}
  return {
    warning: `${world.new.name} goes while ${serves} of ${count(needs, 'instance')} of ${world.old.name} ${verb(serves, 'is', 'are')} healthy (--floor ${back.floor}%): ${service} is short of capacity until the rest are.`,
  }
}

/**
 * Whether the old group has served whole since the new one was let go at less. From then on it is its own master: what
 * dies is replaced, and it may scale in.
 */
export function wasWhole({ deployment }: World): boolean {
  return deployment.marks.coveredAt !== null
}

const leftShort = (world: World) =>
  world.deployment.back.floor < 100 && switchBegun(world) && !wasWhole(world)

/** A group that was left alone below its need is not as it was before it serves whole again. */
export const waitUntilWhole: Rule = (world) => {
  if (!leftShort(world)) return null
  const serves = new Set(serving(world, 'old'))
  const { old } = world
  const coming = [...entering(old), ...standby(old), ...pending(old), ...inService(old)].filter(
    (instance) => !serves.has(instance),
  )
  const needs = Math.min(needed(world), old.desired)
  if (serves.size >= needs && entering(old).length === 0) return null
  return {
    kind: 'wait',
    waitingFor: `the rest of ${old.name}: ${serves.size} of ${count(needed(world), 'instance')} ${verb(serves.size, 'is', 'are')} healthy (${list(ids(coming))} not yet)`,
    instances: ids(coming),
    why: `${world.new.name} was let go at ${world.deployment.back.floor}% of what the service needs.`,
  }
}

export const noteWhole: Rule = (world) =>
  leftShort(world)
    ? { kind: 'mark-covered', covered: true, why: `${world.old.name} carries the whole service again.` }
    : null
