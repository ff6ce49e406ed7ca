import { formatDuration } from '@switchover/contract/duration'
import { longestDrain } from './fleet.ts'
import { hold, terminal } from './hold.ts'
import { limitedFrom } from './limits.ts'
import type { Step } from './step.ts'
import type { World } from './world.ts'

/** One thing that may have to be done; null where there is nothing to do about it. */
export type Rule = (world: World) => Step | null

/** Rules by name, in the order in which they are asked; the first that has a step wins. */
export type Ladder = Readonly<Record<string, Rule>>

/** The step of the first rule that matches. The last rule of a ladder always does. */
export function climb(ladder: Ladder, world: World): Step {
  for (const rule of Object.values(ladder)) {
    const step = rule(world)
    if (step !== null) return step
  }
  throw new Error('No rule of the ladder matched: its last rule has to match always.')
}

/** Every wait has an end: past it a person must look. Drains are given their time on top of the timeout. */
export function bounded(world: World, step: Step): Step {
  if (step.kind !== 'wait') return step
  const { flags, goal } = world.deployment
  const limit = flags.timeoutMs + longestDrain(world)
  if (world.now < limitedFrom(world.deployment) + limit) return step
  const sentence = `The ${goal} waited longer than ${formatDuration(limit)} for ${step.waitingFor}.`
  return hold(terminal('stuck', sentence))
}
