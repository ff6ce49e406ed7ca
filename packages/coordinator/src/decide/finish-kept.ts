import { endedInstances, endStandby, terminateDetached, waitTerminated } from './ending.ts'
import { ids, inService, pending } from './fleet.ts'
import { waitKeptDrain } from './keep.ts'
import type { Ladder, Rule } from './ladder.ts'
import { keptValues } from './restore.ts'
import { list, verb } from './words.ts'

/** What is in Standby ends here, and nothing else: somebody may have put a kept instance back to work. */
const refuseServing: Rule = (world) => {
  const serves = ids([...inService(world.new), ...pending(world.new)])
  if (serves.length === 0) return null
  const sentence = `${list(serves)} of ${world.new.name} ${verb(serves.length, 'serves', 'serve')} beside ${world.old.name} after the rollback; finish ends kept instances only: put them back into Standby, or end them, then go on.`
  const failure = { code: 'both-serve', sentence, kind: 'terminal' } as const
  return { kind: 'settle', stage: 'held', failure, why: sentence }
}

const zeroNew: Rule = (world) => {
  const { min, desired, name } = world.new
  if (min === 0 && desired === 0) return null
  return { kind: 'size', group: name, min: 0, desired: 0, why: `${name} stays at 0 until it is deployed to.` }
}

const endKept: Rule = (world) =>
  endStandby(world, 'new', `${world.deployment.version} was rolled back, and what was kept of it goes`)

const waitNewGone: Rule = (world) => {
  const left = ids(world.new.instances)
  if (left.length === 0) return null
  const waitingFor = `${list(left)} to leave ${world.new.name}`
  return { kind: 'wait', waitingFor, instances: left, why: `${world.new.name} still has ${list(left)}.` }
}

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
  zeroNew,
  waitKeptDrain,
  endKept,
  terminateDetached,
  waitTerminated,
  waitNewGone,
  end,
}
