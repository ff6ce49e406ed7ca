import type { When } from '../plan.ts'
import type { Dice } from './dice.ts'

/** Of all coordinators together, until nearly every story is told. */
export const callsOfAWorld = 700

/** By the clock, or between a coordinator's look and what it does about it. */
export function drawWhen(dice: Dice): When {
  return dice.chance(0.4) ? { ms: dice.int(1_000, 500_000) } : { call: dice.int(10, callsOfAWorld) }
}
