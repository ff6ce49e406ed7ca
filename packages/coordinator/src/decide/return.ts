import { detachBatch } from './ending.ts'
import { deadParked, entering, ids, inService, pending, returnable, serving, switchBegun } from './fleet.ts'
import { needed, neededAtOnce, wasWhole } from './floor.ts'
import { hold, terminal } from './hold.ts'
import type { Rule } from './ladder.ts'
import { waitOutDrain } from './park.ts'
import { lacksHealth } from './readiness.ts'
import { actingProcesses } from './exchange.ts'
import { ourSuspensions, resumeOurs } from './restore.ts'
import { isCanary } from './start.ts'
import { fromStandbySize } from './step.ts'
import { count, list, verb } from './words.ts'
import type { World } from './world.ts'

/** The point of no return of a rollback: the new group was told to end its instances. */
const newEnds = (world: World) => world.new.desired === 0

/** Whether the old group is made up no more: the new one goes, and what it may have left short has been made up for. */
const complete = (world: World) => newEnds(world) && (world.deployment.back.floor === 100 || wasWhole(world))

/** Old instances that this deployment parks, and that are still being deregistered. */
const arriving = (world: World) => (switchBegun(world) ? entering(world.old) : [])

/**
 * Whether the new group may go: the old one carries the service, or the new one never took a part of it. Canaries are
 * on top of a live group that is its own master.
 */
export function carried(world: World): boolean {
  const serves = serving(world, 'old').length
  if (serves >= neededAtOnce(world) || (serves > 0 && isCanary(world.deployment))) return true
  return !switchBegun(world) && serving(world, 'new').length === 0
}

/** ExitStandby is refused while Launch is suspended. We never suspend it, so that it is not ours to resume. */
export const launchMustRun: Rule = (world) => {
  const waiting = [...arriving(world), ...returnable(world)]
  if (waiting.length === 0 || !world.old.suspended.includes('Launch')) return null
  const sentence = `Launch is suspended on ${world.old.name}, and no instance can leave Standby until it is resumed.`
  return hold(terminal('launch-suspended', sentence))
}

/** The new group serves until the old one does. */
export const holdNewScaleIn: Rule = (world) => {
  const { min, desired, name } = world.new
  if (!switchBegun(world) || carried(world) || min >= desired) return null
  const why = `${name} must not scale in below ${desired} until ${world.old.name} serves again.`
  return { kind: 'size', group: name, min: desired, why }
}

export const detachDeadParked: Rule = (world) =>
  detachBatch(
    world,
    'old',
    deadParked(world),
    `Not all of ${world.old.name} can come back, say EC2 or their agents`,
  )

/** ExitStandby raises desired by one each; what died meanwhile, or grew, is launched on top. Max has to allow it first. */
export const makeRoom: Rule = (world) => {
  const { old } = world
  const coming = old.desired + arriving(world).length + returnable(world).length
  const missing = switchBegun(world) && !complete(world) ? Math.max(0, needed(world) - coming) : 0
  const max = coming + missing
  if (missing === 0 && old.max >= max) return null
  const topUp = `${count(missing, 'instance')} more than ${old.name} has in Standby ${verb(missing, 'is', 'are')} needed.`
  return {
    kind: 'size',
    group: old.name,
    ...(old.max < max ? { max } : {}),
    ...(missing > 0 ? { desired: old.desired + missing } : {}),
    why: missing > 0 ? topUp : `The instances that return to ${old.name} need a max of ${max}.`,
  }
}

export const returnParked: Rule = (world) => {
  const instances = ids(returnable(world)).slice(0, fromStandbySize)
  if (instances.length === 0) return null
  const why = `${list(instances)} ${verb(instances.length, 'returns', 'return')} to service in ${world.old.name}.`
  return { kind: 'exit-standby', group: world.old.name, instances, why }
}

/** An instance that is still being deregistered can return only once it has arrived in Standby. */
export const waitOutOldDrain: Rule = (world) => {
  const step = switchBegun(world) ? waitOutDrain(world) : null
  if (step === null || (world.deployment.back.floor < 100 && (newEnds(world) || carried(world)))) return null
  return { ...step, why: `${list(ids(entering(world.old)))} can return only when the drain is over.` }
}

export const waitUntilCarried: Rule = (world) => {
  if (newEnds(world) || carried(world)) return null
  const healthy = new Set(serving(world, 'old'))
  const coming = [...pending(world.old), ...inService(world.old)].filter((instance) => !healthy.has(instance))
  const who = coming
    .slice(0, 5)
    .map(
      (instance) =>
        `${instance.id}: ${instance.lifecycle === 'InService' ? lacksHealth(world, instance) : instance.lifecycle}`,
    )
  const needs = neededAtOnce(world)
  return {
    kind: 'wait',
    waitingFor: `${count(needs, 'healthy instance')} in ${world.old.name}, ${count(healthy.size, 'is', 'are')}${who.length > 0 ? ` (${who.join('; ')})` : ''}`,
    instances: ids(coming),
    why: `${world.new.name} goes only once ${world.old.name} carries the service.`,
  }
}

export const pinOldMin: Rule = (world) => {
  const { min, desired, name } = world.old
  const touched = switchBegun(world) || ourSuspensions(world, 'old').length > 0
  if (!touched || newEnds(world) || min >= desired) return null
  const why = `${name} must not scale in below ${desired} while ${world.new.name} goes.`
  return { kind: 'size', group: name, min: desired, why }
}

/** The group that serves reacts to load: out only, while its min is held at what it has. */
export const wakeOld: Rule = (world) => {
  if (world.old.min < world.old.desired) return null
  const acting = new Set<string>(actingProcesses)
  return resumeOurs(world, 'old', (process) => acting.has(process))
}
