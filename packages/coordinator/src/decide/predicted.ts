import type { Predicted } from '@switchover/contract/deployment'
import { foretelling } from './predict.ts'
import { predictTimes } from './predict-time.ts'
import type { World } from './world.ts'

/** More turns than a prediction worth showing takes; what has no end within them is not foretold. */
const turnLimit = 1_000

/**
 * What is kept in the record of how long the goal will take, from its beginning on: foretold once, at its first step, so that
 * it can be held against what it took.
 * @param pollMs between two looks
 */
export function predicted(world: World, pollMs: number): Predicted | null {
  const { durations, marks } = world.deployment
  if (durations === null) return null
  const passed = world.now - marks.begunAt
  try {
    const { switchedMs, endedMs } = predictTimes(foretelling(world, turnLimit), { ...durations, pollMs })
    return { switchedMs: switchedMs === null ? null : passed + switchedMs, endedMs: passed + endedMs }
  } catch {
    // The model has no end for what has gone wrong already, and a prediction is worth no failure.
    return null
  }
}
