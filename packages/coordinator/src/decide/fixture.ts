import type { Report } from '@switchover/contract/report'
import { decide } from './decide.ts'
import type { Flags } from '@switchover/contract/deployment'
import type { Ladder } from './ladder.ts'
import { apply } from './model.ts'
import { advance } from './model-time.ts'
import { newDeployment } from './start.ts'
import type { Step, StepOf } from './step.ts'
import type { Group, GroupScaling, Instance, MachineState, TrafficSource, World } from './world.ts'

/** Worlds for tests: a service on v1 in `web-blue`, about to get v2 in `web-green`. */

export const digests = { v1: `sha256:${'1'.repeat(64)}`, v2: `sha256:${'2'.repeat(64)}` }

export const flags: Flags = {
  readiness: 'agent',
  onFailure: 'rollback',
  release: 'each',
  timeoutMs: 1_800_000,
  desired: null,
  canary: null,
  bakeMs: null,
  alarms: [],
  ignoredAlarms: [],
  scaling: 'none',
  finishAfterMs: null,
  notify: null,
}

const common = { 'switchover:service': 'web', 'switchover:store': 's3://bucket/prefix' }

export const noScaling: GroupScaling = { policies: [], alarms: [], actions: [] }

export type Shape = {
  /** Instances in service in the live group. */
  live?: number
  min?: number
  max?: number
  suspended?: string[]
  idleMax?: number
  idleSuspended?: string[]
  flags?: Partial<Flags>
  targets?: number
  slowStart?: number
  hooks?: Group['hooks']
  /** State of each alarm by name. */
  alarms?: Readonly<Record<string, string>>
  /** What the live group owns; moved unless the flags say otherwise. */
  scaling?: GroupScaling
}

export function instance(id: string, lifecycle = 'InService'): Instance {
  return { id, lifecycle, healthy: true, protected: false }
}

function liveTags(): Record<string, string> {
  return {
    ...common,
    'switchover:version': 'v1',
    'switchover:digest': digests.v1,
    'switchover:bundle': 'aaaaaaaaaaaa',
    'switchover:release': 'each',
    'switchover:deployment': 'd0',
  }
}

function idleGroup({ idleMax = 6, idleSuspended = [] }: Shape, hooks: Group['hooks']): Group {
  return {
    name: 'web-green',
    min: 0,
    max: idleMax,
    desired: 0,
    suspended: idleSuspended,
    tags: { ...common, 'switchover:version': 'v0', 'switchover:digest:sidecar': digests.v1 },
    instances: [],
    hooks,
  }
}

/** The world as `deploy` finds it, with the deployment just written. */
export function beforeDeploy(shape: Shape = {}): World {
  const { live = 3, min = 2, max = 6, suspended = [], targets = 2, slowStart = 0 } = shape
  const hooks = shape.hooks ?? { launching: [], terminating: [] }
  const instances = Array.from({ length: live }, (_, n) => instance(`old-${n + 1}`))
  const old: Group = {
    name: 'web-blue',
    min: Math.min(min, live),
    max: Math.max(max, live),
    desired: live,
    suspended,
    tags: liveTags(),
    instances,
    hooks,
  }
  const idle = idleGroup(shape, hooks)
  const health = new Map(instances.map((one) => [one.id, { state: 'healthy', reason: null }]))
  const trafficSources = Array.from({ length: targets }, (_, n): TrafficSource => ({
    id: `arn-${n}`,
    name: `web-${n}`,
    deregistrationDelay: 5_000,
    slowStart,
    health,
  }))
  const now = 1_000_000
  const deployment = newDeployment({
    id: 'd1',
    service: 'web',
    version: 'v2',
    digests: { '': digests.v2 },
    bundle: 'bbbbbbbbbbbb',
    flags: {
      ...flags,
      scaling: shape.scaling === undefined ? 'none' : 'move',
      ...shape.flags,
      canary: fewerThan(live, shape.flags?.canary ?? null),
    },
    now,
    old,
    new: idle,
  })
  const machines = new Map<string, MachineState>(instances.map((one) => [one.id, 'running']))
  return {
    now,
    deployment,
    old,
    new: idle,
    trafficSources,
    reports: new Map(),
    machines,
    alarms: alarmsOf(shape.alarms ?? {}),
    scaling: shape.scaling === undefined ? null : { old: shape.scaling, new: noScaling },
    launchFailures: [],
    replacements: [],
  }
}

/** A service whose groups are both empty, with the record of its first deployment just written. */
export function beforeFirst(desired = 2, shape: Shape = {}): World {
  const world = beforeDeploy({ ...shape, live: 0, min: 0 })
  const asked: Flags = { ...flags, ...shape.flags, desired }
  const { id, service, version, digests, bundle } = world.deployment
  const facts = { id, service, version, digests, bundle, flags: asked, now: world.now }
  return { ...world, deployment: newDeployment({ ...facts, first: true, old: world.old, new: world.new }) }
}

/** As many canaries as live has instances are none. */
function fewerThan(live: number, canary: number | null): number | null {
  return canary !== null && canary < live ? canary : null
}

export function alarmsOf(states: Readonly<Record<string, string>>): World['alarms'] {
  const said = Object.entries(states)
  return new Map(
    said.map(([name, state]) => [name, { state, reason: `Threshold Crossed: ${name} is ${state}.` }]),
  )
}

export function isLast(step: Step): boolean {
  return step.kind === 'settle' || step.kind === 'end'
}

export type Run = { world: World; steps: Step[]; last: Step }

/** Milliseconds until the next look: a second, or until the wait is over where it says when. */
function waitMs({ now }: World, { until }: StepOf<'wait'>): number {
  return until === undefined ? 1_000 : until - now
}

/** Lets the ladder and the model take turns until the command ends, or `until` says so before a step is done. */
export function run(start: World, until: (world: World, step: Step) => boolean = () => false): Run {
  const steps: Step[] = []
  let world = start
  for (let turn = 0; turn < 2_000; turn++) {
    const step = decide(world)
    if (until(world, step)) return { world, steps, last: step }
    steps.push(step)
    world = step.kind === 'wait' ? advance(world, waitMs(world, step)) : apply(world, step)
    if (isLast(step)) return { world, steps, last: step }
  }
  throw new Error(
    `No end within 2000 turns; the last steps: ${steps
      .slice(-6)
      .map((step) => step.why)
      .join(' | ')}`,
  )
}

/** The rule of a ladder that decides in this world. */
export function ruleTaken(ladder: Ladder, world: World): string | null {
  return Object.entries(ladder).find(([, rule]) => rule(world) !== null)?.[0] ?? null
}

/** The world in which a rule first decides when all goes well. */
export function whenTaken(ladder: Ladder, rule: string, start: World): World {
  const found = run(start, (world) => ruleTaken(ladder, world) === rule)
  if (ruleTaken(ladder, found.world) !== rule) throw new Error(`Rule ${rule} was never taken.`)
  return found.world
}

/** The first world that a step of this kind comes out of. */
export function whenStep(kind: Step['kind'], start: World): World {
  const found = run(start, (_, step) => step.kind === kind)
  if (found.last.kind !== kind) throw new Error(`No ${kind} on the way.`)
  return found.world
}

export function withReport(world: World, id: string, change: Partial<Report>): World {
  const known = world.reports.get(id)
  const report: Report = {
    instanceId: id,
    group: 'web-green',
    service: 'web',
    deployment: 'd1',
    phase: 'booting',
    since: '2026-01-01T00:00:00Z',
    writtenAt: '2026-01-01T00:00:00Z',
    version: null,
    bundle: null,
    images: [],
    reason: null,
    logs: [],
    timings: {},
    agent: '0.1.0',
    ...known,
    ...change,
  }
  return { ...world, reports: new Map(world.reports).set(id, report) }
}
