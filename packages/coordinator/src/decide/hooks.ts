import { formatDuration } from '@switchover/contract/duration'
import { gaveUp, longestDrain } from './fleet.ts'
import type { Rule } from './ladder.ts'
import type { Step, StepOf } from './step.ts'
import type { Group, Instance, World } from './world.ts'

/** Milliseconds an agent has for its own end after the load balancer's drain, before its hook is completed for it. */
const agentGrace = 60_000

/**
 * Completes the hook that an instance of the new group waits in. AWS does not say which of several that is: they take turns,
 * second by second.
 */
export function completeHook(
  world: World,
  transition: keyof Group['hooks'],
  waiting: Instance | undefined,
  result: StepOf<'complete-hook'>['result'],
  why: (id: string, hook: string) => string,
): Step | null {
  const hooks = world.new.hooks[transition]
  const hook = hooks[Math.floor(world.now / 1_000) % Math.max(1, hooks.length)]
  if (waiting === undefined || hook === undefined) return null
  const { id } = waiting
  return { kind: 'complete-hook', group: world.new.name, hook, instance: id, result, why: why(id, hook) }
}

/** A new instance held by its launch hook outlives desired 0 until somebody answers, up to an hour by default. */
export const abandonLaunches: Rule = (world) => {
  const held = world.new.instances.find((instance) => instance.lifecycle === 'Pending:Wait')
  return completeHook(
    world,
    'launching',
    held,
    'ABANDON',
    (id, hook) => `${id} is not wanted any more and waits in launch hook ${hook}.`,
  )
}

/** Whether nobody but us is going to answer an instance's termination hook, or the time to do so is over. */
function hookIsOurs(world: World, instance: Instance): boolean {
  const draining = world.trafficSources.some((target) => target.health.get(instance.id)?.state === 'draining')
  if (draining) return false
  const report = world.reports.get(instance.id)
  const { switchedAt, begunAt } = world.deployment.marks
  return (
    report === undefined ||
    gaveUp(report) ||
    world.now >= (switchedAt ?? begunAt) + longestDrain(world) + agentGrace
  )
}

export const completeTerminations: Rule = (world) => {
  const held = world.new.instances.find(
    (instance) => instance.lifecycle === 'Terminating:Wait' && hookIsOurs(world, instance),
  )
  return completeHook(
    world,
    'terminating',
    held,
    'CONTINUE',
    (id, hook) => `${id} has drained, and its agent does not complete termination hook ${hook}.`,
  )
}

/** How long the agents of ended instances may take, for people. */
export function agentsEndWithin(world: World): string {
  return formatDuration(longestDrain(world) + agentGrace)
}
