import { tagKey } from '@switchover/contract/tags'
import { endStandby, endedInstances, terminateDetached, unprotectBatch, waitTerminated } from './ending.ts'
import { ids, inService, isRegistered } from './fleet.ts'
import { floorWarning, noteWhole, waitUntilWhole } from './floor.ts'
import { abandonLaunches, agentsEndWithin, completeTerminations } from './hooks.ts'
import { freeNewMin, keepNew, keptInStandby, settleKept } from './keep.ts'
import type { Ladder, Rule } from './ladder.ts'
import { quietNewGroup } from './exchange.ts'
import { keptValues, restoreBounds, resumeOurs } from './restore.ts'
import {
  carried,
  detachDeadParked,
  holdNewScaleIn,
  launchMustRun,
  makeRoom,
  pinOldMin,
  returnParked,
  waitOutOldDrain,
  waitUntilCarried,
  wakeOld,
} from './return.ts'
import { scalingMoves } from './scaling-move.ts'
import { keptScaling, putByUs } from './scaling-restore.ts'
import { isCanary } from './start.ts'
import { tagIdle } from './tags.ts'
import { list } from './words.ts'

export const unprotectNew: Rule = (world) => unprotectBatch(world, 'new', inService(world.new))

const zeroNew: Rule = (world) => {
  const { min, desired, name } = world.new
  if (min === 0 && desired === 0) return null
  return {
    kind: 'size',
    group: name,
    min: 0,
    desired: 0,
    why: `${world.old.name} serves; ${name} goes to 0.`,
    ...floorWarning(world),
  }
}

/**
 * Auto Scaling would do the same when it acts on desired 0, which takes it seconds. Left to it where the old group has
 * meanwhile lost what it needs.
 */
const withdrawNew: Rule = (world) => {
  if (!carried(world)) return null
  const leaving = inService(world.new)
  const from = world.trafficSources
    .map((source) => ({
      source: source.id,
      instances: ids(leaving).filter((id) => isRegistered(source, id)),
    }))
    .filter(({ instances }) => instances.length > 0)
  if (from.length === 0) return null
  const why = `${world.new.name} has desired capacity 0; what it has in service gets no new traffic from now on.`
  return { kind: 'deregister', group: world.new.name, from, why }
}

export const waitNewOut: Rule = (world) => {
  const left = ids(inService(world.new)).filter((id) =>
    world.trafficSources.some((source) => isRegistered(source, id)),
  )
  if (left.length === 0) return null
  return {
    kind: 'wait',
    waitingFor: `${list(left)} of ${world.new.name} to leave the load balancer`,
    instances: left,
    why: `${world.new.name} has desired capacity 0 and still has ${list(left)} in service.`,
  }
}

const noteReturn: Rule = (world) => {
  if (world.deployment.marks.switchedAt !== null) return null
  return { kind: 'mark-switched', why: `All new traffic goes to ${world.old.name}.` }
}

export const endNewStandby: Rule = (world) =>
  endStandby(
    world,
    'new',
    `Instances in Standby do not leave ${world.new.name} with desired capacity 0`,
    world.deployment.kept,
  )

/** The release of the deployment goes with it: an accidental launch is to be completed by its agent. */
const tagLikeServing: Rule = (world) =>
  tagIdle(world.new, world.old, {
    [tagKey.release]: world.deployment.new.before.tags[tagKey.release] ?? null,
  })

export const waitNewGone: Rule = (world) => {
  const kept = new Set(keptInStandby(world))
  const left = ids(world.new.instances).filter((id) => !kept.has(id))
  if (left.length === 0) return null
  return {
    kind: 'wait',
    waitingFor: `${list(left)} of ${world.new.name} to drain and terminate, about ${agentsEndWithin(world)} at most`,
    instances: left,
    why: `${world.new.name} still has ${list(left)}.`,
  }
}

const end: Rule = (world) => ({
  kind: 'end',
  outcome: world.deployment.failure === null ? 'rolled-back' : 'failed',
  ended: endedInstances(world, 'new'),
  kept: [
    // What became of the live group beside a canary is nothing of ours.
    ...(isCanary(world.deployment) ? [] : keptValues(world, 'old', ['min', 'max', 'desired'])),
    ...keptValues(world, 'new', ['min', 'max', 'desired']),
    ...keptScaling(world, 'old'),
    ...keptScaling(world, 'new'),
  ],
  why: `${world.old.name} serves ${world.deployment.previousVersion ?? 'as before'}; ${world.new.name} is empty.`,
})

/** Mirrors the order of the switch: first the old fleet serves again, then the new one goes, then all is as recorded. */
export const rollbackLadder: Ladder = {
  launchMustRun,
  holdNewScaleIn,
  detachDeadParked,
  makeRoom,
  returnParked,
  waitOutOldDrain,
  waitUntilCarried,
  pinOldMin,
  wakeOld,
  ...scalingMoves('new', putByUs),
  quietNewGroup,
  freeNewMin,
  keepNew,
  unprotectNew,
  zeroNew,
  abandonLaunches,
  withdrawNew,
  waitNewOut,
  noteReturn,
  waitUntilWhole,
  noteWhole,
  // Bounds first: an alarm that is ringing acts the moment its process is resumed, down to whatever min is then.
  restoreOld: (world) => restoreBounds(world, 'old'),
  resumeOld: (world) => resumeOurs(world, 'old'),
  completeTerminations,
  endNewStandby,
  terminateDetached,
  tagLikeServing,
  waitNewGone,
  waitTerminated,
  restoreNew: (world) => restoreBounds(world, 'new'),
  resumeNew: (world) => resumeOurs(world, 'new'),
  settleKept,
  end,
}
