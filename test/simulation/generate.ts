import { Dice } from './draw/dice.ts'
import { drawEvent, drawFault, drawHand } from './draw/disturbances.ts'
import { drawHeir, stupor } from './draw/fate.ts'
import { drawOther, rivals } from './draw/others.ts'
import { drawService } from './draw/service.ts'
import { drawStory, unhurried } from './draw/story.ts'
import type { Plan } from './plan.ts'

/**
 * What a world is full of. In a deadly one only coordinators die, so that it must end as if they had not; in a contested
 * one they stand still while others go on.
 */
type Kind = 'quiet' | 'deadly' | 'contested' | 'faulty' | 'wild'

/** The world of a seed: the same for the same seed, and nothing but data. */
export function generatePlan(seed: number): Plan {
  const dice = new Dice(seed)
  const drawn = drawService(dice)
  const service = drawn.first ? { ...drawn, min: 0, suspendedLive: [], suspendedIdle: [] } : drawn
  const kind = dice.of<Kind>('quiet', 'deadly', 'deadly', 'contested', 'faulty', 'wild', 'wild', 'wild')
  const fated = kind !== 'quiet'
  const contested = kind === 'contested'
  const wild = kind === 'wild'
  return {
    seed,
    service: kind === 'deadly' ? { ...service, v2: 'good' } : service,
    story: drawStory(dice, service, fated).map((command) =>
      kind === 'deadly' ? unhurried(command) : contested ? { ...command, fate: stupor(dice) } : command,
    ),
    heirs: fated ? dice.few(2, () => drawHeir(dice)) : [],
    others: contested ? rivals(dice) : wild ? dice.few(3, () => drawOther(dice, service)) : [],
    hands: wild ? dice.several(4, () => drawHand(dice, service)) : [],
    events: wild ? dice.few(2, () => drawEvent(dice)) : [],
    faults: kind === 'faulty' || (wild && dice.chance(0.5)) ? dice.few(8, () => drawFault(dice)) : [],
  }
}
