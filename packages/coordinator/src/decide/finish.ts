import {
  endStandby,
  endedInstances,
  keepAtZero,
  terminateDetached,
  waitGone,
  waitTerminated,
} from './ending.ts'
import { ids, inService, pending, returnable, serving } from './fleet.ts'
import { hold, terminal } from './hold.ts'
import type { Ladder, Rule } from './ladder.ts'
import { waitOutDrain } from './park.ts'
import { exchanged, sidesOf } from './exchange.ts'
import { keptValues, resumeOurs } from './restore.ts'
import { scalingMoves } from './scaling-move.ts'
import { leftScaling, twins } from './scaling-restore.ts'
import { tagIdle } from './tags.ts'
import { list, verb } from './words.ts'

/** Finish ends parked instances only: with both groups in service a person must say which one is right. */
const refuseServing: Rule = (world) => {
  const serves = ids([...inService(world.old), ...pending(world.old)])
  if (serves.length === 0) return null
  const sentence = `${list(serves)} of ${world.old.name} ${verb(serves.length, 'serves', 'serve')} beside ${world.new.name}; finish ends parked instances only: put them back into Standby, or end them, then go on.`
  return hold(terminal('both-serve', sentence))
}

/** The parked fleet, or what is left of it, is the way back, and it is kept while there is nothing else. */
const waitForServing: Rule = (world) => {
  if (returnable(world).length === 0 || serving(world, 'new').length > 0) return null
  const left = ids(world.new.instances)
  return {
    kind: 'wait',
    waitingFor: `a healthy instance in ${world.new.name}`,
    instances: left,
    why: `The parked fleet of ${world.old.name} is the only way back while ${world.new.name} has no healthy instance.`,
  }
}

const endParked: Rule = (world) =>
  endStandby(world, 'old', `${world.deployment.version} stays, and the parked fleet goes`)

/** Another hand, or a tool that keeps a list of its own, may have put on the parked group what had left it. */
const twinMoves = scalingMoves('old', twins)
const removeTwins: Rule = (world) =>
  twinMoves.moveSchedules(world) ??
  twinMoves.movePolicies(world) ??
  twinMoves.moveAlarms(world) ??
  twinMoves.removePolicies(world)

const resumeOld: Rule = (world) => {
  const stays = new Set(exchanged(sidesOf(world)))
  return resumeOurs(world, 'old', (process) => !stays.has(process))
}

const end: Rule = (world) => ({
  kind: 'end',
  outcome: 'finished',
  ended: endedInstances(world, 'old'),
  kept: [...keptValues(world, 'old', ['max']), ...leftScaling(world, 'old')],
  why: `${world.new.name} serves ${world.deployment.version}; ${world.old.name} is empty.`,
})

/** Ends the parked fleet. Nothing of it serves, so that no rule here can take capacity away. */
export const finishLadder: Ladder = {
  refuseServing,
  waitForServing,
  tagLikeServing: (world) => tagIdle(world.old, world.new),
  removeTwins,
  zeroOld: (world) => keepAtZero(world, 'old'),
  waitOutDrain,
  endParked,
  terminateDetached,
  waitTerminated,
  waitOldGone: (world) => waitGone(world, 'old'),
  resumeOld,
  end,
}
