import { waitForAlarms } from './alarms.ts'
import { beginFinish, noteBake, noteShortfall, waitOutBake, waitToFinish, waitWhileShort } from './bake.ts'
import { failFast } from './failure.ts'
import { ids } from './fleet.ts'
import type { Ladder, Rule } from './ladder.ts'
import {
  followScaleOut,
  holdOldScaleIn,
  noteCover,
  releaseTogether,
  sizeNewGroup,
  tagNewGroup,
  waitForCover,
  waitOutSlowStart,
  waitUntilReady,
} from './overlap.ts'
import {
  closeOldGroup,
  freeOldMin,
  noteSwitch,
  parkOldInstances,
  waitOutDrain,
  waitOutOldLaunches,
  zeroOldDesired,
} from './park.ts'
import { isOurs } from './restore.ts'
import { wakeNewGroup } from './exchange.ts'
import { noteScaling } from './scaling-journal.ts'
import { scalingMoves } from './scaling-move.ts'
import { all } from './scaling-restore.ts'
import { letGo } from './switching.ts'
import { list } from './words.ts'

/** The deployment ends only with a new fleet that is still healthy after the drain. */
const waitUntilReadyAgain: Rule = (world) => (letGo(world) ? null : waitForCover(world))

export const waitOutLaunchHooks: Rule = (world) => {
  const waiting = ids(world.new.instances.filter((instance) => instance.lifecycle === 'Pending:Wait'))
  if (world.deployment.flags.release !== 'together' || waiting.length === 0) return null
  return {
    kind: 'wait',
    waitingFor: `${list(waiting)} of ${world.new.name} to be ready`,
    instances: waiting,
    why: `${list(waiting)} booted while launches were released together and cannot enter service alone.`,
  }
}

const copyMin: Rule = (world) => {
  const { old, new: fresh } = world.deployment
  const min = fresh.overruled.min ?? old.overruled.min ?? old.before.min
  if (world.new.min === min || !isOurs(world, 'new', 'min')) return null
  const why = `${world.new.name} may scale in to ${min} again, as ${world.old.name} could.`
  return { kind: 'size', group: world.new.name, min, why }
}

const settle: Rule = (world) => ({
  kind: 'settle',
  stage: 'parked',
  why: `${world.deployment.version} serves from ${world.new.name}; ${world.old.name} is parked.`,
})

/** The order of the switch. */
export const deployLadder: Ladder = {
  failFast,
  tagNewGroup,
  holdOldScaleIn,
  followScaleOut,
  sizeNewGroup,
  releaseTogether,
  noteCover,
  noteShortfall,
  waitUntilReady,
  waitOutSlowStart,
  noteScaling,
  ...scalingMoves('old', all),
  wakeNewGroup,
  closeOldGroup,
  waitOutOldLaunches,
  freeOldMin,
  parkOldInstances,
  noteSwitch,
  zeroOldDesired,
  waitOutDrain,
  waitUntilReadyAgain,
  waitOutLaunchHooks,
  copyMin,
  noteBake,
  waitOutBake,
  waitToFinish,
  waitWhileShort,
  waitForAlarms,
  beginFinish,
  settle,
}
