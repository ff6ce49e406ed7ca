import { formatDuration } from '@switchover/contract/duration'
import { entering, ids, inService, longestDrain, pending } from './fleet.ts'
import type { Rule } from './ladder.ts'
import { ready } from './readiness.ts'
import { isOurs } from './restore.ts'
import { batchSize } from './step.ts'
import { heldProcesses } from './switching.ts'
import { count, list, verb } from './words.ts'
import type { World } from './world.ts'

/** Milliseconds. */
const drainStep = 5_000

export const closeOldGroup: Rule = (world) => {
  const processes = heldProcesses.filter((process) => !world.old.suspended.includes(process))
  if (processes.length === 0) return null
  const why = `${world.old.name} must not change its size by itself while it is parked.`
  return { kind: 'suspend', group: world.old.name, processes, why }
}

/** One id that is not InService fails a whole EnterStandby call, and a straggler would serve the old version. */
export const waitOutOldLaunches: Rule = (world) => {
  const launching = ids(pending(world.old))
  if (launching.length === 0) return null
  return {
    kind: 'wait',
    waitingFor: `${count(launching.length, 'launch', 'launches')} of ${world.old.name} (${list(launching)})`,
    instances: launching,
    why: `${list(launching)} of ${world.old.name} can be parked only once in service.`,
  }
}

export const freeOldMin: Rule = (world) => {
  const { min, name } = world.old
  if (min === 0) return null
  // What another hand sets while traffic still moves is meant for what serves, and given back with it.
  const taken = world.deployment.marks.switchedAt === null && !isOurs(world, 'old', 'min')
  const why = `EnterStandby lowers the desired capacity of ${name}, and min must not stop it.`
  return { kind: 'size', group: name, min: 0, ...(taken ? { instead: { min } } : {}), why }
}

export const parkOldInstances: Rule = (world) => {
  const serves = ids(inService(world.old))
  if (serves.length === 0) return null
  const instances = serves.slice(0, batchSize)
  const healthy = ready(world).length
  return {
    kind: 'enter-standby',
    group: world.old.name,
    instances,
    why: `${count(healthy, 'new instance')} ${verb(healthy, 'is', 'are')} healthy; ${list(instances)} of ${world.old.name} ${verb(instances.length, 'is', 'are')} parked.`,
  }
}

export const noteSwitch: Rule = (world) => {
  if (world.deployment.marks.switchedAt !== null) return null
  return { kind: 'mark-switched', why: `All new traffic goes to ${world.new.name}.` }
}

export const zeroOldDesired: Rule = (world) => {
  if (world.old.desired === 0) return null
  const why = `${world.old.name} must not launch again while it is parked.`
  return { kind: 'size', group: world.old.name, desired: 0, why }
}

/**
 * How long the last of the draining instances may take: the deregistration delay from when instances were parked last,
 * rounded up so that a long wait does not say something new every second.
 */
function drainLeft(world: World): string {
  const delay = longestDrain(world)
  const { parkingAt } = world.deployment
  const left = parkingAt === null ? delay : parkingAt + delay - world.now
  if (left <= 0) return `longer than ${formatDuration(delay)}`
  return `${formatDuration(Math.ceil(left / drainStep) * drainStep)} more at most`
}

export const waitOutDrain: Rule = (world) => {
  const draining = ids(entering(world.old))
  if (draining.length === 0) return null
  return {
    kind: 'wait',
    waitingFor: `${count(draining.length, 'old instance')} to drain, ${drainLeft(world)} (deregistration delay)`,
    instances: draining,
    why: `${list(draining)} ${verb(draining.length, 'ends the requests it has', 'end the requests they have')}; new ones go to ${world.new.name}.`,
  }
}
