import * as fc from 'fast-check'
import { decide } from './decide.ts'
import { alarmsOf, isLast } from './fixture.ts'
import type { Shape } from './fixture.ts'
import type { Side } from './fleet.ts'
import { inService, serving, standby } from './fleet.ts'
import { isCanary, originals, promoted } from './start.ts'
import { apply, applyToRecord } from './model.ts'
import { advance } from './model-time.ts'
import { reconcile, terminating, withGroup, withHealth, withInstance, withMachine } from './model-group.ts'
import type { Step } from './step.ts'
import type { World } from './world.ts'

/**
 * What the world does to a deployment: people and alarms scale, instances fall ill, die or are slow, reports lag, an
 * alarm of the deployment rings, CloudWatch does not say, or a person puts an instance of the live group beside a canary
 * into Standby. Any may be protected from scale-in.
 */
export type Event = {
  turn: number
  kind:
    | 'scale-out'
    | 'scale-in'
    | 'ill'
    | 'die'
    | 'lag'
    | 'ring'
    | 'silence'
    | 'set-aside'
    | 'protect'
    | 'kill'
  side: Side
  pick: number
}

export type Turn = { before: World; cause: Step | Event; after: World }

const event: fc.Arbitrary<Event> = fc.record({
  turn: fc.integer({ min: 0, max: 40 }),
  kind: fc.constantFrom(
    'scale-out',
    'scale-in',
    'ill',
    'die',
    'lag',
    'ring',
    'silence',
    'set-aside',
    'protect',
    'kill',
  ),
  side: fc.constantFrom('old', 'new'),
  pick: fc.nat(1_000),
})

export const events = fc.array(event, { maxLength: 8 })

/** How many of ten instances get on in a turn. */
export const pace = fc.integer({ min: 3, max: 10 })

const hookNames = fc.constantFrom<string[]>([], ['boot'], ['boot', 'audit'])

export const shapes: fc.Arbitrary<Shape> = fc.record({
  live: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 6 }) }, fc.integer({ min: 18, max: 41 })),
  min: fc.integer({ min: 0, max: 4 }),
  max: fc.integer({ min: 1, max: 60 }),
  idleMax: fc.integer({ min: 0, max: 60 }),
  suspended: fc.subarray(['AZRebalance', 'ScheduledActions', 'HealthCheck']),
  targets: fc.integer({ min: 1, max: 3 }),
  slowStart: fc.constantFrom(0, 0, 3_000),
  flags: fc.record({
    release: fc.constantFrom('each' as const, 'together' as const),
    onFailure: fc.constantFrom('rollback' as const, 'rollback' as const, 'hold' as const),
    readiness: fc.constantFrom('agent' as const, 'agent' as const, 'load-balancer' as const),
    canary: fc.constantFrom(null, null, 1, 2),
    bakeMs: fc.constantFrom(null, 5_000),
    finishAfterMs: fc.constantFrom(null, null, null, 8_000),
    alarms: fc.constant(['web-5xx']),
  }),
  alarms: fc.constant({ 'web-5xx': 'OK' }),
  hooks: fc.record({ launching: hookNames, terminating: fc.constant([]) }),
})

function scale(world: World, side: Side, by: number): World {
  const group = world[side]
  const desired = group.desired + by
  const allowed = desired >= group.min && desired <= group.max && desired > 0 && group.desired > 0
  if (!allowed || group.suspended.includes('AlarmNotification')) return world
  return reconcile(withGroup(world, side, { desired }), side)
}

function die(world: World, side: Side, pick: number): World {
  const parked = standby(world[side])
  const candidates = [...inService(world[side]), ...parked]
  const victim = candidates[pick % Math.max(1, candidates.length)]
  if (victim === undefined) return world
  if (parked.includes(victim)) return withMachine(world, victim.id, 'terminated')
  const next = reconcile(terminating(world, side, [victim.id]), side)
  if (side === 'old') return next
  return {
    ...next,
    replacements: [
      ...next.replacements,
      { at: next.now, instance: victim.id, cause: 'a health check failure.' },
    ],
  }
}

function fallIll(world: World, side: Side, pick: number): World {
  const candidates = inService(world[side])
  const victim = candidates[pick % Math.max(1, candidates.length)]
  return victim === undefined ? world : withHealth(world, victim.id, { state: 'unhealthy', reason: null })
}

/** A person wants to look at one that serves. */
function setAside(world: World, pick: number): World {
  const serves = inService(world.old)
  const one = serves[pick % Math.max(1, serves.length)]
  const { desired, min } = world.old
  if (one === undefined || desired <= Math.max(1, min)) return world
  const parked = withInstance(world, 'old', one.id, { lifecycle: 'Standby' })
  return withHealth(withGroup(parked, 'old', { desired: desired - 1 }), one.id, null)
}

/** A person keeps one from scale-in. */
function protect(world: World, side: Side, pick: number): World {
  const { instances } = world[side]
  const one = instances[pick % Math.max(1, instances.length)]
  return one === undefined ? world : withInstance(world, side, one.id, { protected: true })
}

/** An agent that has not said yet what is true already. */
function lag(world: World, pick: number): World {
  const reports = [...world.reports.values()]
  const report = reports[pick % Math.max(1, reports.length)]
  if (report === undefined) return world
  return {
    ...world,
    reports: new Map(world.reports).set(report.instanceId, { ...report, phase: 'verifying' }),
  }
}

function catchUp(world: World): World {
  const reports = [...world.reports].map(
    ([id, report]) => [id, { ...report, phase: 'ready' as const }] as const,
  )
  const alarms = world.alarms.size > 0 ? world.alarms : alarmsOf({ 'web-5xx': 'OK' })
  return { ...world, reports: new Map(reports), alarms }
}

/** `--readiness load-balancer` is for fleets without our agent: nobody ever reports. */
function withoutAgents(world: World): World {
  const { readiness } = world.deployment.flags
  return readiness === 'load-balancer' ? { ...world, reports: new Map() } : world
}

/** Before our first size, a scale-in is live's own affair: what it leaves is what live wants. Beside a canary it is too. */
const untouched = (world: World) =>
  world.deployment.new.written.desired.length === 0 && !isCanary(world.deployment)

function happen(world: World, { kind, side, pick }: Event): World {
  switch (kind) {
    case 'scale-out':
      return scale(world, side, 1)
    case 'scale-in':
      return untouched(world) ? world : scale(world, side, -1)
    case 'ill':
      return fallIll(world, side, pick)
    case 'die':
      return die(world, side, pick)
    case 'lag':
      return lag(world, pick)
    case 'ring':
      return { ...world, alarms: alarmsOf({ 'web-5xx': 'ALARM' }) }
    case 'set-aside':
      return isCanary(world.deployment) ? setAside(world, pick) : world
    case 'protect':
      return protect(world, side, pick)
    case 'silence':
      return { ...world, alarms: new Map() }
    case 'kill':
      break
  }
  return isLast(decide(world)) ? world : applyToRecord(world, decide(world))
}

/** A number that looks random and is always the same for the same text. */
function scatter(text: string): number {
  let sum = 7
  for (let at = 0; at < text.length; at++) sum = (sum * 31 + text.charCodeAt(at)) % 9_973
  return sum
}

/**
 * Drives a deployment through the events to its end. `kill` is a coordinator that dies between the journal and the
 * call. Throws where AWS would refuse a step, and where no end is found.
 */
export function live(start: World, happening: readonly Event[], getOn: number): Turn[] {
  const turns: Turn[] = []
  let world = start
  for (let turn = 0; turn < 1_500; turn++) {
    const one = happening.find((event) => event.turn === turn)
    if (one !== undefined) {
      const after = happen(world, one)
      turns.push({ before: world, cause: one, after })
      world = after
    }
    if (world.deployment.stage !== 'running') return turns
    const step = decide(world)
    const moves = (id: string) => turn > 60 || scatter(id + String(turn)) % 10 < getOn
    const passed = step.kind === 'wait' ? catchUp(advance(world, 1_000, moves)) : apply(world, step)
    const after = withoutAgents(passed)
    turns.push({ before: world, cause: step, after })
    world = after
    if (isLast(step)) return turns
  }
  throw new Error(
    `No end: ${turns
      .slice(-6)
      .map(({ cause }) => ('why' in cause ? cause.why : cause.kind))
      .join(' | ')}`,
  )
}

/** The world once a person has promoted what was left as a canary. */
export function promote(world: World): World {
  return { ...world, deployment: promoted(world.deployment, originals(world.old), world.now) }
}

/** A deployment to its end: where it rests as a canary it is promoted, and meets `later` on the rest of its way. */
export function deployed(
  start: World,
  happening: readonly Event[],
  later: readonly Event[],
  getOn: number,
): Turn[] {
  const turns = live(start, happening, getOn)
  const { after } = lastOf(turns)
  return after.deployment.stage === 'canary' ? [...turns, ...live(promote(after), later, getOn)] : turns
}

export function lastOf(turns: readonly Turn[]): Turn {
  const last = turns.at(-1)
  if (last === undefined) throw new Error('Nothing happened.')
  return last
}

export function capacity(world: World): number {
  return serving(world, 'old').length + serving(world, 'new').length
}
