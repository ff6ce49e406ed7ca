import type { AgentTrace, Happening, InstanceTrace, Trace, TraceState } from '@switchover/contract/trace'
import type { Report } from '@switchover/contract/report'
import { gaveUp, healthyEverywhere, isRegistered, type Side } from '../decide/fleet.ts'
import { lacks, lacksHealth } from '../decide/readiness.ts'
import type { Instance, World } from '../decide/world.ts'

/** Kept of one run, so that its object stays small whatever befalls it. */
export const most = {
  instances: 4_000,
  /** Of one instance: the first half of them and the newest. */
  states: 40,
  happenings: 200,
  required: 200,
  /** Instances whose last log lines are kept, lines of each, characters of each. */
  logs: 5,
  lines: 20,
  characters: 500,
}

/** What is seen of a deployment, from look to look. */
export type Watched = Readonly<{
  from: number
  to: number
  sources: Trace['sources']
  instances: ReadonlyMap<string, InstanceTrace>
  left: number
  required: Trace['required']
  happenings: Trace['happenings']
}>

export function nothingSeen(from: number): Watched {
  return { from, to: from, sources: [], instances: new Map(), left: 0, required: [], happenings: [] }
}

/**
 * The same with one more look. An instance that did not change is not copied.
 * @param launchedAt when Auto Scaling began to launch an instance, milliseconds since the epoch
 */
export function seen(watched: Watched, world: World, launchedAt: ReadonlyMap<string, number>): Watched {
  const at = world.now - watched.from
  const instances = new Map(watched.instances)
  let left = 0
  const present = new Set<string>()
  for (const side of ['old', 'new'] as const) {
    for (const instance of world[side].instances) {
      present.add(instance.id)
      const before = instances.get(instance.id)
      if (before === undefined && instances.size >= most.instances) left += 1
      else instances.set(instance.id, look(before, watched.from, world, side, instance, launchedAt))
    }
  }
  for (const [id, before] of watched.instances)
    if (!present.has(id)) instances.set(id, withState(withLastWord(before, world, watched.from), at, 'gone'))
  return {
    from: watched.from,
    to: world.now,
    sources: world.trafficSources.map(({ name, deregistrationDelay, slowStart }) => ({
      name,
      deregistrationDelay,
      slowStart,
    })),
    instances,
    // Each look meets the same ones again.
    left: Math.max(watched.left, left),
    required: withRequired(watched.required, at, needed(world)),
    happenings: withSetbacks(watched, world),
  }
}

/** The same with one more thing that happened. The first of them are kept. */
export function happened(watched: Watched, happening: Happening): Watched {
  if (watched.happenings.length >= most.happenings) return watched
  return { ...watched, happenings: [...watched.happenings, happening] }
}

/**
 * Beside a canary the live group alone carries the service, and what it is required to have is its own affair. The first
 * deployment takes nothing away: nothing is required before it serves, nor on its way back.
 */
function needed({ deployment, old }: World): number {
  const { first, goal, marks } = deployment
  if (first && (goal !== 'deploy' || marks.switchedAt === null)) return 0
  return deployment.goal === 'canary' ? Math.min(deployment.required, old.desired) : deployment.required
}

function withRequired(required: Trace['required'], at: number, now: number): Trace['required'] {
  if (required.at(-1)?.[1] === now || required.length >= most.required) return required
  return [...required, [at, now]]
}

function withSetbacks(watched: Watched, { launchFailures, replacements }: World): Trace['happenings'] {
  const known = new Set(watched.happenings.map(({ at, text }) => `${at} ${text}`))
  const found: Happening[] = [
    ...launchFailures.map((one) => ({
      at: one.at - watched.from,
      kind: 'launch-failed' as const,
      text: one.sentence,
    })),
    ...replacements.map((one) => ({
      at: one.at - watched.from,
      kind: 'replaced' as const,
      text: `${one.instance}: ${one.cause}`,
    })),
  ]
  const fresh = found.filter(({ at, text }) => !known.has(`${at} ${text}`))
  return fresh.length === 0 ? watched.happenings : [...watched.happenings, ...fresh].slice(0, most.happenings)
}

function look(
  before: InstanceTrace | undefined,
  from: number,
  world: World,
  side: Side,
  instance: Instance,
  launches: ReadonlyMap<string, number>,
): InstanceTrace {
  const launched = launches.get(instance.id)
  const known = before ?? {
    id: instance.id,
    side,
    zone: instance.zone ?? null,
    launchedAt: null,
    states: [],
    agent: null,
    lack: null,
  }
  const state = leaves(world, side, instance) ? 'ending' : stateOf(world, instance)
  const report = world.reports.get(instance.id)
  const isNews = report !== undefined && !isOf(known.agent, report)
  const agent = isNews ? agentOf(report, from, known.agent) : known.agent
  const launchedAt = known.launchedAt ?? (launched === undefined ? null : launched - from)
  const lack = state === 'serving' ? null : lackOf(world, side, instance, known.lack)
  const same = agent === known.agent && launchedAt === known.launchedAt && lack === known.lack
  return withState(same ? known : { ...known, agent, launchedAt, lack }, world.now - from, state)
}

/** A machine that is ended may be gone from its group before its agent's report is read. */
function withLastWord(before: InstanceTrace, { reports }: World, from: number): InstanceTrace {
  const report = reports.get(before.id)
  if (report === undefined || report.reason === null || before.agent?.reason) return before
  return { ...before, agent: agentOf(report, from, before.agent) }
}

/** A way back takes the new group out of the load balancer before Auto Scaling ends it: that is no illness. */
function leaves({ deployment, trafficSources, new: fresh }: World, side: Side, { id }: Instance): boolean {
  if (side === 'old' || deployment.goal !== 'rollback' || fresh.desired > 0) return false
  return !trafficSources.some((source) => isRegistered(source, id))
}

function stateOf(world: World, { id, lifecycle, healthy }: Instance): TraceState {
  if (lifecycle === 'Pending') return 'pending'
  if (lifecycle.startsWith('Pending')) return 'booting'
  if (lifecycle === 'InService') return healthy && healthyEverywhere(world, id) ? 'serving' : 'in-service'
  if (lifecycle === 'EnteringStandby') return 'draining'
  if (lifecycle === 'Standby') return 'standby'
  return 'ending'
}

/** Only what comes up, or goes wrong, lacks anything worth telling. */
function lackOf(world: World, side: Side, instance: Instance, before: string | null): string | null {
  const { lifecycle } = instance
  if (lifecycle !== 'InService' && !lifecycle.startsWith('Pending')) return before
  const words = side === 'new' ? lacks(world, instance) : lacksHealth(world, instance)
  return words.slice(0, most.characters)
}

function withState(before: InstanceTrace, at: number, state: TraceState): InstanceTrace {
  if (before.states.at(-1)?.[1] === state) return before
  const states: InstanceTrace['states'] = [...before.states, [at, state]]
  if (states.length > most.states) states.splice(most.states / 2, 1)
  return { ...before, states }
}

/** Whether it was made of this very report: one that did not change is not read again. */
function isOf(agent: AgentTrace | null, { timings, phase, reason }: Report): boolean {
  return agent !== null && agent.timings === timings && agent.phase === phase && agent.reason === reason
}

function agentOf(report: Report, from: number, before: AgentTrace | null): AgentTrace {
  const { timings, phase, reason, logs, progress } = report
  const spent = Object.values(timings).reduce((sum, ms) => sum + ms, 0)
  const startedAt = Math.round(Date.parse(report.writtenAt) - spent - from)
  return {
    startedAt,
    timings,
    phase,
    reason,
    pull: progress === undefined ? (before?.pull ?? null) : { bytes: progress.bytes, total: progress.total },
    logs: gaveUp(report) ? lastLines(logs) : [],
  }
}

function lastLines(logs: Report['logs']): string[] {
  const lines = logs.flatMap(({ service, lines }) => lines.map((line) => `${service} | ${line}`))
  return lines.slice(-most.lines).map((line) => line.slice(0, most.characters))
}
