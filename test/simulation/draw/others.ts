import { calm } from '../fate.ts'
import type { Plan, ServicePlan } from '../plan.ts'
import type { Dice } from './dice.ts'
import { drawFate, stupor } from './fate.ts'
import { drawFlags } from './story.ts'
import { drawWhen } from './when.ts'

type Other = Plan['others'][number]

/** Somebody who tries again and again to take over. */
export function rivals(dice: Dice): Other[] {
  const command = dice.of<Other['command']>(
    { kind: 'resume', takeOver: false },
    { kind: 'rollback', keep: 0, floor: 100 },
  )
  const everyMs = dice.int(5_000, 40_000)
  return Array.from({ length: 8 }, (_, index) => ({
    when: { ms: (index + 1) * everyMs },
    command,
    resumed: false,
    fate: dice.chance(0.3) ? stupor(dice) : calm,
  }))
}

/** Somebody who does not know that the others are at it. */
export function drawOther(dice: Dice, service: ServicePlan): Other {
  const when = drawWhen(dice)
  const command = dice.of<Other['command']>(
    { kind: 'resume', takeOver: false },
    { kind: 'rollback', keep: 0, floor: 100 },
    { kind: 'finish' },
    { kind: 'promote' },
    { kind: 'doctor', fix: true },
    { kind: 'deploy', version: dice.of('v2', 'v3'), flags: drawFlags(dice, service, false) },
  )
  return { when, command, resumed: false, fate: drawFate(dice, command.kind) }
}
