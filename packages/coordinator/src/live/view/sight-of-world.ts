import type { Deployment } from '@switchover/contract/deployment'
import { goesForward } from '@switchover/contract/deployment'
import type { Report } from '@switchover/contract/report'
import { gaveUp, type Side } from '../../decide/fleet.ts'
import { needs, ready } from '../../decide/readiness.ts'
import { switches } from '../../decide/start.ts'
import type { Step, StepOf } from '../../decide/step.ts'
import { worseHealth } from '../../decide/target-health.ts'
import { waitEnd } from '../../decide/wait-end.ts'
import type { Instance, TrafficSource, World } from '../../decide/world.ts'
import { roleOf } from '../../status/role.ts'
import { describeStep } from '../../run/narrate.ts'
import type { AgentSight, Doing, GroupSight, InstanceSight, Sight } from './sight.ts'

export function sightOfWorld({ world, step }: Readonly<{ world: World; step: Step }>): Sight {
  const { deployment, now } = world
  const { service, failure, goal } = deployment
  return {
    service,
    what: whatOf(deployment),
    ...timesOf(deployment),
    // A finish of what was kept keeps the cause of the way back that is over.
    failure: failure === null || goal !== 'rollback' ? null : `Going back: ${failure.sentence}`,
    groups: [groupSight(world, 'old'), groupSight(world, 'new')],
    doing: doingOf(world, step),
    holder: null,
    now,
  }
}

/** The moments of a rollback stay with it: the finish of what it kept began when it was given. */
function timesOf(deployment: Deployment): Pick<Sight, 'begunAt' | 'switchedAt' | 'predicted'> {
  const { goal, kept, marks, predicted } = deployment
  const { begunAt, resumedAt } = marks
  const switchedAt = switches(deployment) ? marks.switchedAt : null
  if (goal !== 'finish' || kept.length === 0 || resumedAt === null) return { begunAt, switchedAt, predicted }
  const endedMs = (predicted?.endedMs ?? 0) - (resumedAt - begunAt)
  return {
    begunAt: resumedAt,
    switchedAt: null,
    predicted: endedMs > 0 ? { switchedMs: null, endedMs } : null,
  }
}

function whatOf({ goal, version, previousVersion }: Deployment): string {
  const before = previousVersion ?? 'what was before'
  const words = {
    canary: `canary of ${version}`,
    deploy: `deploying ${version}`,
    rollback: `rolling ${version} back to ${before}`,
    finish: `finishing ${version}`,
  } as const
  return words[goal]
}

function doingOf(world: World, step: Step): Doing | null {
  if (step.kind === 'settle' || step.kind === 'end') return null
  if (step.kind === 'mark-switched' && !switches(world.deployment)) return { text: step.why, until: null }
  if (step.kind !== 'wait') return { text: stepText(step), until: null }
  const until = waitEnd(world, step)
  return { text: `Waiting for ${short(step, until !== null)}.`, until }
}

/** Why a step is taken is told where it is a turn; its instances have rows of their own. */
function stepText(step: Exclude<Step, { kind: 'wait' }>): string {
  const turns = step.kind === 'turn-back' || step.kind === 'promote'
  return `${describeStep(step).replace(/ \(i-[^)]*\)/, '')}.${turns ? ` ${step.why}` : ''}`
}

/** Instances have rows of their own, so that many are counted; and a time to go is left out that is shown as it passes. */
function short({ waitingFor, instances }: StepOf<'wait'>, timed: boolean): string {
  const brief = waitingFor
    .replace(/ \(i-.*\)$/s, '')
    .replace(/^i-\w+(?:, i-\w+)+(?: and \d+ more)?/, `${instances.length} instances`)
  return timed ? brief.replace(/, \S+ (?:to go|more at most)/, '') : brief
}

function groupSight(world: World, side: Side): GroupSight {
  const { deployment } = world
  const group = world[side]
  const counts = side === 'new' && goesForward(deployment.goal) && deployment.marks.switchedAt === null
  return {
    name: group.name,
    role: roleOf(group, [world.old, world.new], deployment),
    version: versionOn(world, side),
    min: group.min,
    max: group.max,
    desired: group.desired,
    ready: counts ? { count: ready(world).length, of: needs(world) } : null,
    instances: group.instances
      .map((instance) => instanceSight(world, side, instance))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  }
}

/** What its instances run: the tags of a group that empties are changed while they are still there. */
function versionOn({ deployment, ...groups }: World, side: Side): string | null {
  const { instances, tags } = groups[side]
  const ran = side === 'new' ? deployment.version : deployment.previousVersion
  return (instances.length === 0 ? null : ran) ?? tags['switchover:version'] ?? null
}

function instanceSight(world: World, side: Side, { id, lifecycle, healthy }: Instance): InstanceSight {
  const machine = world.machines.get(id)
  const report = world.reports.get(id)
  const { goal, flags } = world.deployment
  // Agents of what serves are not asked, and what they said when they were parked holds no longer; nor are those of a fleet
  // that goes or has none.
  const asked =
    report === undefined
      ? side === 'new' && goesForward(goal) && flags.readiness === 'agent'
      : lifecycle !== 'InService' || report.phase !== 'parked'
  return {
    id,
    lifecycle,
    unhealthy: !healthy,
    balancer: worstOf(world.trafficSources, id),
    agent: asked ? agentSight(report) : null,
    machine: machine === undefined || machine === 'running' || machine === 'pending' ? null : machine,
  }
}

export function worstOf(sources: readonly TrafficSource[], id: string): InstanceSight['balancer'] {
  const found = sources.flatMap(({ name, health }) => {
    const one = health.get(id)
    return one === undefined ? [] : { name, health: one }
  })
  const worst = found.reduce<(typeof found)[number] | null>(
    (a, b) => (a === null || worseHealth(a.health, b.health) !== a.health ? b : a),
    null,
  )
  if (worst === null) return null
  return { ...worst.health, in: sources.length > 1 ? worst.name : null }
}

export function agentSight(report: Report | undefined): AgentSight {
  if (report === undefined) return { phase: null, since: null, saidAt: null, trouble: null, progress: null }
  const { phase, reason, progress = null } = report
  const trouble = reason === null ? null : { sentence: reason.sentence, terminal: gaveUp(report) }
  return {
    phase,
    since: Date.parse(report.since),
    saidAt: Date.parse(report.writtenAt),
    trouble,
    progress,
  }
}
