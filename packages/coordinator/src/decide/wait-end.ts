import { timeoutApplies } from './failure.ts'
import { allEntering, longestDrain } from './fleet.ts'
import { limitedFrom } from './limits.ts'
import type { StepOf } from './step.ts'
import type { World } from './world.ts'

/**
 * ends: over at that moment · by: over then at the latest · fails: what has not come by then has failed. Milliseconds since
 * the epoch, by the store's clock.
 */
export type WaitEnd = Readonly<{ at: number; how: 'ends' | 'by' | 'fails' }>

/** When a wait ends, where that is known: as it says itself, with the drain, or with the time limit. */
export function waitEnd(world: World, step: StepOf<'wait'>): WaitEnd | null {
  if (step.until !== undefined) return { at: step.until, how: 'ends' }
  const { parkingAt, flags } = world.deployment
  if (allEntering(world.old, step.instances)) {
    const at = (parkingAt ?? 0) + longestDrain(world)
    return at > world.now ? { at, how: 'by' } : null
  }
  if (!timeoutApplies(world)) return null
  return { at: limitedFrom(world.deployment) + flags.timeoutMs, how: 'fails' }
}
