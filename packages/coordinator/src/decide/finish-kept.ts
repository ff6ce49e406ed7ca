import {
  endedInstances,
  endStandby,
  keepAtZero,
  terminateDetached,
  waitGone,
  waitTerminated,
} from './ending.ts'
import { ids, inService, pending } from './fleet.ts'
import { hold, terminal } from './hold.ts'
import { waitKeptDrain } from './keep.ts'
import type { Ladder, Rule } from './ladder.ts'
import { keptValues } from './restore.ts'
import { list, verb } from './words.ts'

/** What is in Standby ends here, and nothing else: somebody may have put a kept instance back to work. */
const refuseServing: Rule = (world) => {
  const serves = ids([...inService(world.new), ...pending(world.new)])
  if (serves.length === 0) return null
  const sentence = `${list(serves)} of ${world.new.name} ${verb(serves.length, 'serves', 'serve')} beside ${world.old.name} after the rollback; finish ends kept instances only: put them back into Standby, or end them, then go on.`
  return hold(terminal('both-serve', sentence))
}

const endKept: Rule = (world) =>
  endStandby(world, 'new', `${world.deployment.version} was rolled back, and what was kept of it goes`)

/** The end of the rollback that left instances behind, and its outcome. */
const end: Rule = (world) => ({
  kind: 'end',
  outcome: world.deployment.failure === null ? 'rolled-back' : 'failed',
  ended: endedInstances(world, 'new'),
  kept: keptValues(world, 'new', ['min', 'max', 'desired']),
  why: `${world.old.name} serves ${world.deployment.previousVersion ?? 'as before'}; ${world.new.name} is empty.`,
})

/** Ends what `rollback --keep` left in Standby. Nothing of it serves. */
export const finishKeptLadder: Ladder = {
  refuseServing,
  zeroNew: (world) => keepAtZero(world, 'new'),
  waitKeptDrain,
  endKept,
  terminateDetached,
  waitTerminated,
  waitNewGone: (world) => waitGone(world, 'new'),
  end,
}
