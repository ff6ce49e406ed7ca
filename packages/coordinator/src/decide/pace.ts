import { covers, needs } from './readiness.ts'
import { inService, longestDrain } from './fleet.ts'
import type { StepOf } from './step.ts'
import type { World } from './world.ts'

/** How many polls may be left out, each rule for a wait of its own kind; null where the rule does not know the wait. */
type Rule = (world: World, step: StepOf<'wait'>, pollMs: number) => number | null

/**
 * An instance that is still on its way into service has a health check before it; to be late in seeing it enter costs
 * nothing. Not under `together`, where its own report decides.
 */
const launching: Rule = (world) => {
  const { goal, flags } = world.deployment
  if (goal !== 'canary' && (goal !== 'deploy' || flags.release === 'together')) return null
  return !covers(world) && inService(world.new).length < needs(world) ? 3 : null
}

const leavingStates = new Set(['EnteringStandby', 'Terminating', 'Terminating:Wait', 'Detaching'])

/**
 * A drain ends with the deregistration delay, seldom before (ALB guide, target groups). The last of those who drain began at the
 * switch, or before it.
 */
const draining: Rule = (world, { instances }, pollMs) => {
  const { switchedAt } = world.deployment.marks
  if (switchedAt === null || !allLeaving(world, instances)) return null
  const left = switchedAt + longestDrain(world) - world.now
  return left / 20 / pollMs
}

/** A bake may last for hours, and an alarm is evaluated once a period, which is ten seconds or more. */
const watching: Rule = (world, { until }, pollMs) =>
  until === undefined ? null : Math.min(5, (until - world.now) / pollMs)

const rules: readonly Rule[] = [watching, launching, draining]

/** However little can have changed, nobody is left without a look for longer. */
const mostPolls = 10

/**
 * Whole milliseconds until the next look. Much of what a change sets going is over in no time, so it begins with an eighth;
 * later it slows down where nothing can have changed, and towards the moments that matter it is `pollMs` again.
 * @param waits looks in a row that found nothing to do
 */
export function pollAfter(world: World, step: StepOf<'wait'>, waits: number, pollMs: number): number {
  const polls = rules.map((rule) => rule(world, step, pollMs)).find((found) => found !== null) ?? 1
  const slowest = pollMs * Math.min(mostPolls, Math.max(1, polls))
  return Math.round(Math.min(slowest, (pollMs / 8) * 2 ** waits))
}

function allLeaving(world: World, ids: readonly string[]): boolean {
  const members = [...world.old.instances, ...world.new.instances]
  const leaving = new Set(members.filter(({ lifecycle }) => leavingStates.has(lifecycle)).map(({ id }) => id))
  return ids.length > 0 && ids.every((id) => leaving.has(id))
}
