import { journalled } from './journal.ts'
import { isDead } from './fleet.ts'
import {
  ModelRefusal,
  draining,
  launchMissing,
  sideOf,
  terminating,
  withGroup,
  withHealths,
  withInstance,
  withInstances,
  withMachines,
  withoutInstance,
} from './model-group.ts'
import { deleteActions, deletePolicy, putActions, putAlarm, putPolicy } from './model-scaling.ts'
import { batchSize, fromStandbySize, type Step, type StepOf } from './step.ts'
import type { Instance, World } from './world.ts'

type Standing = StepOf<'enter-standby' | 'exit-standby' | 'detach' | 'unprotect'>

function members(world: World, step: Standing, allowed: readonly string[]): Instance[] {
  const most = step.kind === 'detach' || step.kind === 'exit-standby' ? fromStandbySize : batchSize
  if (step.instances.length > most) throw new ModelRefusal(`At most ${most} instances a step.`)
  const group = world[sideOf(world, step.group)]
  return step.instances.map((id) => {
    const instance = group.instances.find((one) => one.id === id)
    if (!instance)
      throw new ModelRefusal(`The instance ${id} is not part of Auto Scaling group ${group.name}.`)
    if (!allowed.includes(instance.lifecycle)) {
      throw new ModelRefusal(`The instance ${id} is not in ${allowed.join(' or ')}.`)
    }
    return instance
  })
}

function size(world: World, step: StepOf<'size'>): World {
  const side = sideOf(world, step.group)
  const group = world[side]
  const min = step.min ?? group.min
  const max = step.max ?? group.max
  if (min > max)
    throw new ModelRefusal(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`)
  const desired = step.desired ?? Math.min(max, Math.max(min, group.desired))
  if (desired < min || desired > max) {
    throw new ModelRefusal(
      `Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`,
    )
  }
  return launchMissing(withGroup(world, side, { min, max, desired }), side)
}

function enterStandby(world: World, step: StepOf<'enter-standby'>): World {
  const side = sideOf(world, step.group)
  const moved = members(world, step, ['InService'])
  const desired = world[side].desired - moved.length
  if (desired < world[side].min) throw new ModelRefusal(`${step.group} has min-size=${world[side].min}.`)
  const ids = moved.map(({ id }) => id)
  const next = withInstances(withGroup(world, side, { desired }), side, ids, { lifecycle: 'EnteringStandby' })
  return withHealths(next, new Map(ids.map((id) => [id, draining])))
}

function exitStandby(world: World, step: StepOf<'exit-standby'>): World {
  const side = sideOf(world, step.group)
  const moved = members(world, step, ['Standby'])
  const desired = world[side].desired + moved.length
  if (world[side].suspended.includes('Launch')) throw new ModelRefusal('The Launch process is suspended.')
  if (desired > world[side].max) throw new ModelRefusal(`${step.group} has max-size=${world[side].max}.`)
  let next = withGroup(world, side, { desired })
  for (const { id } of moved) {
    const alive = !isDead(next, id)
    next = alive
      ? withInstance(next, side, id, { lifecycle: 'Pending', healthy: true })
      : withoutInstance(next, side, id)
  }
  return launchMissing(next, side)
}

function detach(world: World, step: StepOf<'detach'>): World {
  const side = sideOf(world, step.group)
  const ids = members(world, step, ['InService', 'Standby']).map(({ id }) => id)
  const instances = world[side].instances.filter(({ id }) => !ids.includes(id))
  const next = withHealths(withGroup(world, side, { instances }), new Map(ids.map((id) => [id, null])))
  // EC2 is asked about an instance once it is to be ended, not before.
  const unasked = ids.filter((id) => !world.machines.has(id))
  return launchMissing(withMachines(next, unasked, 'running'), side)
}

function terminate(world: World, step: StepOf<'terminate'>): World {
  const missing = step.instances.find((id) => world.machines.get(id) === 'missing')
  if (missing !== undefined) throw new ModelRefusal(`The instance ID '${missing}' does not exist`)
  const alive = step.instances.filter((id) => world.machines.get(id) !== 'terminated')
  return withMachines(world, alive, 'shutting-down')
}

function unprotect(world: World, step: StepOf<'unprotect'>): World {
  const side = sideOf(world, step.group)
  const ids = members(world, step, ['InService', 'EnteringStandby', 'Standby']).map(({ id }) => id)
  return launchMissing(withInstances(world, side, ids, { protected: false }), side)
}

function deregister(world: World, step: StepOf<'deregister'>): World {
  const trafficSources = world.trafficSources.map((source) => {
    const leaving = step.from.find((one) => one.source === source.id)?.instances ?? []
    return { ...source, health: new Map([...source.health, ...leaving.map((id) => [id, draining] as const)]) }
  })
  return { ...world, trafficSources }
}

function completeHook(world: World, step: StepOf<'complete-hook'>): World {
  const side = sideOf(world, step.group)
  const instance = world[side].instances.find((one) => one.id === step.instance)
  if (instance?.lifecycle === 'Terminating:Wait') return withoutInstance(world, side, step.instance)
  if (instance?.lifecycle !== 'Pending:Wait') {
    throw new ModelRefusal(`No active Lifecycle Action found with instance ID ${step.instance}`)
  }
  if (step.result === 'ABANDON') return launchMissing(terminating(world, side, [step.instance]), side)
  return withInstance(world, side, step.instance, { lifecycle: 'Pending:Proceed' })
}

function retag(world: World, step: StepOf<'tag'>): World {
  const side = sideOf(world, step.group)
  const kept = Object.entries(world[side].tags).filter(([key]) => !step.remove.includes(key))
  return withGroup(world, side, { tags: { ...Object.fromEntries(kept), ...step.set } })
}

function suspension(world: World, step: StepOf<'suspend' | 'resume'>): World {
  const side = sideOf(world, step.group)
  const others = world[side].suspended.filter((process) => !step.processes.includes(process))
  const suspended = step.kind === 'suspend' ? [...others, ...step.processes] : others
  return launchMissing(withGroup(world, side, { suspended }), side)
}

/**
 * What a step does to AWS, as the group's state shows it right after the call. What is too much ends when Auto Scaling gets
 * to it, which is once time passes.
 * @throws {ModelRefusal} where AWS would refuse the call
 */
function applyToAws(world: World, step: Step): World {
  switch (step.kind) {
    case 'size':
      return size(world, step)
    case 'tag':
      return retag(world, step)
    case 'suspend':
    case 'resume':
      return suspension(world, step)
    case 'enter-standby':
      return enterStandby(world, step)
    case 'exit-standby':
      return exitStandby(world, step)
    case 'unprotect':
      return unprotect(world, step)
    case 'deregister':
      return deregister(world, step)
    case 'complete-hook':
      return completeHook(world, step)
    case 'detach':
      return detach(world, step)
    case 'terminate':
      return terminate(world, step)
    case 'put-policy':
      return putPolicy(world, step)
    case 'put-alarm':
      return putAlarm(world, step)
    case 'put-actions':
      return putActions(world, step)
    case 'delete-policy':
      return deletePolicy(world, step)
    case 'delete-actions':
      return deleteActions(world, step)
    case 'wait':
    case 'note-scaling':
    case 'require':
    case 'mark-switched':
    case 'mark-covered':
    case 'mark-bake':
    case 'mark-short':
    case 'turn-back':
    case 'promote':
    case 'begin-finish':
    case 'settle':
    case 'end':
      break
  }
  return world
}

/** Writes the step into the record, as it happens before the call. */
export function applyToRecord(world: World, step: Step): World {
  return { ...world, deployment: journalled(world.deployment, step, world.now, 'model') }
}

/** The world right after a step that was journalled and done. */
export function apply(world: World, step: Step): World {
  return applyToAws(applyToRecord(world, step), step)
}
