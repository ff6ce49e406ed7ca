import { decide } from './decide.ts'
import { longestSlowStart } from './fleet.ts'
import { apply } from './model.ts'
import { advance } from './model-time.ts'
import type { Step } from './step.ts'
import type { World } from './world.ts'

/** More turns than any deployment of a thousand instances takes; past it the prediction itself is wrong. */
const turnLimit = 5_000

/** A step, and the world it is decided in. */
export type Foretold = Readonly<{ step: Step; world: World }>

/**
 * What the ladder would do from here if nothing went wrong, on a model in which instances appear, become healthy and
 * drain. Launched instances carry invented names, `web-green#1`. A wait is told once. Nothing is changed.
 * @throws {Error} where there is no end within so many turns
 */
export function* foretelling(world: World, turns = turnLimit): Generator<Foretold> {
  let next = world
  let waited = ''
  for (let turn = 0; turn < turns; turn++) {
    const step = decide(next)
    if (step.kind === 'wait') {
      if (waited !== step.why) yield { step, world: next }
      waited = step.why
      next = advance(
        next,
        step.until === undefined ? Math.max(1_000, longestSlowStart(next)) : step.until - next.now,
      )
      continue
    }
    waited = ''
    yield { step, world: next }
    if (step.kind === 'settle' || step.kind === 'end') return
    next = apply(next, step)
  }
  throw new Error(`The prediction found no end within ${turns} turns.`)
}

/** All of it: a world for each step. */
export function foretell(world: World, turns = turnLimit): Foretold[] {
  return [...foretelling(world, turns)]
}
