import { calm } from '../fate.ts'
import type { CommandPlan, Fate, Heir } from '../plan.ts'
import type { Dice } from './dice.ts'

type Kind = CommandPlan['command']['kind']

/** Calls and milliseconds of a command that gets to its end: nine in ten stay below. */
export const lengths: Readonly<Record<Kind, Readonly<{ calls: number; ms: number }>>> = {
  deploy: { calls: 430, ms: 360_000 },
  promote: { calls: 370, ms: 300_000 },
  rollback: { calls: 300, ms: 150_000 },
  resume: { calls: 270, ms: 230_000 },
  finish: { calls: 90, ms: 60_000 },
  doctor: { calls: 30, ms: 1_000 },
}

/** So many calls see a command through what it looks at first, and into its first changes. */
const beginning = 60

/** What befalls a process that carries out such a command, anywhere on its way and more often at its beginning. */
export function drawFate(dice: Dice, command: Kind): Fate {
  const { calls, ms } = lengths[command]
  const kind = dice.int(0, 5)
  const call = dice.int(1, dice.of(Math.min(beginning, calls), calls))
  if (kind <= 1) return { ...calm, killed: { call, when: dice.of('before', 'after') } }
  if (kind === 2) return { ...calm, pauses: [{ call, ms: dice.of(5_000, 20_000, 45_000, 120_000) }] }
  if (kind === 3) return { ...calm, stoppedAfter: dice.int(0, ms) }
  return calm
}

export function drawHeir(dice: Dice): Heir {
  return { ...drawFate(dice, 'resume'), takeOver: dice.chance(0.5) }
}

/** Longer than most leases, from right after a call. */
export function stupor(dice: Dice): Fate {
  return {
    ...calm,
    pauses: dice.several(3, () => ({ call: dice.int(30, 300), ms: dice.of(12_000, 35_000, 60_000) })),
  }
}
