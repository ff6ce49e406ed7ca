import { canaryLadder } from './canary.ts'
import { deployLadder } from './deploy.ts'
import type { Goal } from '@switchover/contract/deployment'
import { finishLadder } from './finish.ts'
import { finishKeptLadder } from './finish-kept.ts'
import { firstLadder, withdrawLadder } from './first.ts'
import { bounded, climb } from './ladder.ts'
import type { Ladder } from './ladder.ts'
import { rollbackLadder } from './rollback.ts'
import type { Step } from './step.ts'
import type { World } from './world.ts'

const ladders: Readonly<Record<Goal, Ladder>> = {
  canary: canaryLadder,
  deploy: deployLadder,
  rollback: rollbackLadder,
  finish: finishLadder,
}

/** Nothing is canaried beside or finished after a deployment to a service that had none. */
const firstLadders: Readonly<Record<Goal, Ladder>> = {
  ...ladders,
  deploy: firstLadder,
  rollback: withdrawLadder,
}

/** The rules that a world is under: by its goal, and by where a deployment began. */
export function ladderOf({ deployment: { first, goal, kept } }: World): Ladder {
  if (goal === 'finish' && kept.length > 0) return finishKeptLadder
  return (first ? firstLadders : ladders)[goal]
}

/** What to do next, from the record and the world alone: the same at any moment, on any machine. */
export function decide(world: World): Step {
  return bounded(world, climb(ladderOf(world), world))
}
