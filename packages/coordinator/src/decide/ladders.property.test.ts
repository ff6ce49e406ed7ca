import fc from 'fast-check'
import { expect, test } from 'vitest'
import { capacity, deployed, events, lastOf, live, pace, promote, shapes } from './chaos.fixture.ts'
import type { Event, Turn } from './chaos.fixture.ts'
import { beforeDeploy, isLast, run } from './fixture.ts'
import type { Run, Shape } from './fixture.ts'
import { isDead, serving, standby } from './fleet.ts'
import { applyToRecord } from './model.ts'
import { covers } from './readiness.ts'
import { finishKept, isCanary, turnTo } from './start.ts'
import type { Goal } from '@switchover/contract/deployment'
import type { Step } from './step.ts'
import { parkedAll } from './switching.ts'
import type { World } from './world.ts'

type Back = World['deployment']['back']

const turned = (world: World, goal: Goal, back: Back = { keep: 0, floor: 100 }): World => ({
  ...world,
  deployment: { ...turnTo(world.deployment, goal, world.now), back },
})

/** `finish` of what a rollback kept. */
const finishing = (world: World): World => ({
  ...world,
  deployment: finishKept(world.deployment, world.now),
})

/** What `rollback` may be given. */
const backs: fc.Arbitrary<Back> = fc.record({
  keep: fc.constantFrom(0, 1, 2, 25),
  floor: fc.constantFrom(100, 100, 75, 50, 1),
})

/** Instances a step may name: those of several detach calls, and what EC2 ends at once; else those of one call. */
const most: Partial<Record<Step['kind'], number>> = { 'exit-standby': 95, detach: 95, terminate: 200 }

const isStep = (cause: Step | Event): cause is Step => 'why' in cause

/**
 * Healthy capacity that no step may take away. Live may have shrunk by itself beside a canary: what is turned back
 * before the switch owes it no more than it wants.
 */
function owed({ deployment, old }: World): number {
  const { goal, promotedAt, parked, required } = deployment
  const before = goal === 'rollback' && promotedAt !== null && parked.length === 0
  const whole = before ? Math.min(required, old.desired) : required
  return goal === 'rollback' ? Math.ceil((whole * deployment.back.floor) / 100) : whole
}

/** Rule by rule what no turn may do, whatever the world does. */
function checkTurn({ before, cause, after }: Turn): void {
  const { required } = before.deployment
  if (!isStep(cause)) {
    // It ends with the last old instance parked: then min is live's own again, maybe no less than required.
    const overlap =
      before.deployment.goal === 'deploy' && before.new.min >= required && required > 0 && !parkedAll(before)
    if (cause.kind === 'scale-in' && overlap) {
      expect(capacity(after), 'scale-in during the overlap').toBeGreaterThanOrEqual(
        Math.min(capacity(before), required),
      )
    }
    return
  }
  if (isCanary(before.deployment) && isCanary(after.deployment)) {
    expect('group' in cause && cause.group === before.old.name, 'a canary changes nothing of live').toBe(
      false,
    )
    if (cause.kind !== 'wait') {
      expect(serving(after, 'old')).toEqual(serving(before, 'old'))
      expect(capacity(after), cause.why).toBeGreaterThanOrEqual(Math.min(1, capacity(before)))
    }
  } else if (cause.kind !== 'wait') {
    expect(capacity(after), cause.why).toBeGreaterThanOrEqual(Math.min(capacity(before), owed(before)))
  }
  if ('instances' in cause && cause.kind !== 'wait') {
    expect(cause.instances.length).toBeGreaterThan(0)
    expect(cause.instances.length).toBeLessThanOrEqual(most[cause.kind] ?? 19)
  }
  if (cause.kind === 'enter-standby' && cause.group === before.new.name) {
    expect(before.deployment.goal, 'new instances are kept only on the way back').toBe('rollback')
    expect(after.deployment.kept.length).toBeLessThanOrEqual(before.deployment.back.keep)
  } else if (cause.kind === 'enter-standby') {
    expect(covers(before), 'old instances are parked only while the new group covers').toBe(true)
    expect(before.old.min).toBe(0)
    expect(before.deployment.goal).toBe('deploy')
  }
  if (cause.kind === 'suspend') {
    expect(cause.processes.filter((name) => name === 'Launch' || name === 'AddToLoadBalancer')).toEqual([])
  }
  if (cause.kind === 'detach') {
    const parked = standby(before.old).concat(standby(before.new))
    expect(cause.instances.every((id) => parked.some((one) => one.id === id))).toBe(true)
  }
  if (cause.kind === 'terminate') {
    const inside = [...before.old.instances, ...before.new.instances].map((one) => one.id)
    expect(cause.instances.filter((id) => inside.includes(id))).toEqual([])
  }
}

const pinsOf = (world: World, start: World) => ({
  min: world.old.min,
  max: world.old.max,
  suspended: world.old.suspended.toSorted(),
  expected: {
    min: start.old.min,
    max: Math.max(start.old.max, world.old.desired),
    suspended: start.old.suspended.toSorted(),
  },
})

/** What an ended rollback or finish, or a settled deploy, leaves behind. */
function checkEnd(start: World, { cause, after }: Turn): void {
  if (!isStep(cause)) throw new Error('The last turn is a step.')
  const inside = new Set([...after.old.instances, ...after.new.instances].map((one) => one.id))
  const outside = [...after.machines].filter(([id, state]) => state !== 'terminated' && !inside.has(id))
  if (cause.kind === 'end') {
    expect(outside, 'nothing runs outside a group').toEqual([])
    // What a person has set aside beside a canary is that person's.
    const parked = after.deployment.parked.length > 0 ? standby(after.old) : []
    expect(
      [...parked, ...standby(after.new)].filter((one) => isDead(after, one.id)),
      'no terminated instance stays in Standby',
    ).toEqual([])
  }
  if (cause.kind === 'end' && cause.outcome !== 'finished') {
    const { expected, ...left } = pinsOf(after, start)
    expect(left).toEqual(expected)
    expect(after.new).toMatchObject({ min: 0, desired: 0, max: start.new.max, instances: [] })
    expect(after.new.suspended).toEqual(start.new.suspended)
  }
  if (cause.kind === 'settle' && cause.stage === 'kept') {
    const { expected, ...left } = pinsOf(after, start)
    expect(left).toEqual(expected)
    expect(after.new).toMatchObject({
      min: 0,
      desired: 0,
      max: start.new.max,
      suspended: start.new.suspended,
    })
    expect(after.new.instances.every((one) => one.lifecycle === 'Standby')).toBe(true)
    expect(after.new.instances.map((one) => one.id)).toEqual([...cause.kept])
    expect(cause.kept.length).toBeLessThanOrEqual(after.deployment.back.keep)
  }
  if (cause.kind === 'settle' && cause.stage === 'canary') {
    const { min, max, suspended, tags } = start.old
    expect(after.old).toMatchObject({ min, max, suspended, tags })
    expect(after.new.suspended).toEqual(start.new.suspended)
    expect(serving(after, 'new').length).toBeGreaterThanOrEqual(after.deployment.flags.canary ?? 0)
  }
  if (cause.kind === 'settle' && cause.stage === 'parked') {
    expect(after.old).toMatchObject({ min: 0, desired: 0, max: start.old.max })
    expect(after.new.min).toBe(start.old.min)
    expect(after.new.suspended).toEqual(start.new.suspended)
    expect(
      after.old.instances.every((one) => one.lifecycle === 'Standby' || one.lifecycle.startsWith('Term')),
    ).toBe(true)
  }
}

/** Once taken for a loss of capacity: min was back at live's own value, which was as large as required. */
const scaledInRightAfterTheSwitch: [Shape, Event[], Event[], number, Goal] = [
  {
    live: 2,
    min: 2,
    max: 3,
    idleMax: 0,
    suspended: [],
    targets: 1,
    slowStart: 0,
    flags: { release: 'together', readiness: 'agent' },
    hooks: { launching: ['boot'], terminating: [] },
  },
  [
    { turn: 6, kind: 'scale-out', side: 'new', pick: 0 },
    { turn: 17, kind: 'scale-in', side: 'new', pick: 0 },
  ],
  [],
  8,
  'rollback',
]

/** Once taken for a step of ours that ended what had been told to end before. */
const illWhileTheNewGroupGoes: [Shape, Event[], Event[], number, Goal] = [
  {
    live: 18,
    min: 0,
    max: 1,
    idleMax: 0,
    suspended: [],
    targets: 1,
    slowStart: 0,
    flags: { canary: 1, bakeMs: 5_000, alarms: ['web-5xx'] },
    alarms: { 'web-5xx': 'OK' },
    hooks: { launching: ['boot'], terminating: [] },
  },
  [
    { turn: 31, kind: 'ring', side: 'old', pick: 0 },
    { turn: 2, kind: 'protect', side: 'new', pick: 0 },
    { turn: 34, kind: 'ill', side: 'old', pick: 0 },
  ],
  [],
  3,
  'rollback',
]

test('whatever the world does: no capacity is lost, nothing is parked too early, all is as it should be at the end', () => {
  fc.assert(
    fc.property(
      shapes,
      events,
      events,
      pace,
      fc.constantFrom<Goal>('rollback', 'finish'),
      (shape, first, second, getOn, goal) => {
        const start = beforeDeploy(shape)
        const deploy = deployed(start, first, second, getOn)
        deploy.forEach(checkTurn)
        deploy.filter(({ cause }) => isStep(cause) && isLast(cause)).forEach((turn) => checkEnd(start, turn))
        const { after } = lastOf(deploy)
        if (after.deployment.stage !== 'parked') return
        const next = live(turned(after, goal), second, getOn)
        next.forEach(checkTurn)
        checkEnd(start, lastOf(next))
      },
    ),
    { numRuns: 300, examples: [scaledInRightAfterTheSwitch, illWhileTheNewGroupGoes] },
  )
})

test('a rollback asked for at any moment of a deploy ends with everything as it was', () => {
  fc.assert(
    fc.property(
      shapes,
      events,
      events,
      pace,
      fc.nat(200),
      backs,
      (shape, first, second, getOn, moment, asks) => {
        const start = beforeDeploy(shape)
        const turns = deployed(start, first, second, getOn)
        const asked = turns[moment % turns.length]
        if (asked === undefined || !['canary', 'deploy'].includes(asked.before.deployment.goal)) return
        const back = live(turned(asked.before, 'rollback', asks), second, getOn)
        back.forEach(checkTurn)
        checkEnd(start, lastOf(back))
        const { after } = lastOf(back)
        const finish = after.deployment.stage === 'kept' ? live(finishing(after), [], getOn) : []
        finish.forEach(checkTurn)
        finish.slice(-1).forEach((turn) => checkEnd(start, turn))
        const last = lastOf(finish.length > 0 ? finish : back).cause
        expect(isStep(last) && last.kind === 'end' ? last.outcome : last).toBe('rolled-back')
      },
    ),
    { numRuns: 200 },
  )
})

/** The steps of each goal that a run had: canary, deploy, finish. */
function byGoal(steps: readonly Step[]): Step[][] {
  const goals: Step[][] = [[]]
  for (const step of steps) {
    goals.at(-1)?.push(step)
    if (step.kind === 'promote' || step.kind === 'begin-finish') goals.push([])
  }
  return goals
}

test('without faults every ladder ends in bounded steps and does nothing twice', () => {
  fc.assert(
    fc.property(shapes, fc.constantFrom<Goal>('rollback', 'finish'), backs, (shape, goal, asks) => {
      const start = beforeDeploy(shape)
      const legs = [run(start)]
      if (legs[0]?.last.kind === 'settle' && legs[0].last.stage === 'canary')
        legs.push(run(promote(legs[0].world)))
      const deploy = legs.at(-1) as Run
      const parked = deploy.last.kind === 'settle'
      const back = parked ? run(turned(deploy.world, goal, asks)) : deploy
      const kept = back.world.deployment.stage === 'kept'
      const after = kept ? run(finishing(back.world)) : back
      const { finishAfterMs } = deploy.world.deployment.flags
      for (const steps of [...legs, back, after].flatMap((leg) => byGoal(leg.steps))) {
        const acts = steps
          .filter((step) => step.kind !== 'wait')
          .map((step) => JSON.stringify({ ...step, why: '' }))
        expect(new Set(acts).size).toBe(acts.length)
        const hooks = steps.filter((step) => step.kind === 'complete-hook').length
        const fleet = start.old.instances.length
        expect(acts.length - hooks).toBeLessThanOrEqual(20 + 3 * Math.ceil(fleet / 19))
      }
      expect(deploy.last).toMatchObject(
        finishAfterMs === null ? { kind: 'settle', stage: 'parked' } : { kind: 'end', outcome: 'finished' },
      )
      expect(after.last).toMatchObject({ kind: 'end' })
    }),
    { numRuns: 200 },
  )
})

/** What must be the same however often the coordinator died on the way. */
function outcome(world: World): unknown {
  const { journal: _, marks: __, startedAt: ___, parkingAt: ____, ...deployment } = world.deployment
  const group = (side: 'old' | 'new') => ({ ...world[side], suspended: world[side].suspended.toSorted() })
  return { deployment, old: group('old'), new: group('new'), machines: world.machines }
}

/** The run with a death between the journal and the call of its step number `at`. */
function killedAt(start: World, at: number): World {
  let acts = 0
  let killed: World | null = null
  const found = run(start, (world, step) => {
    if (step.kind === 'wait' || isLast(step) || acts++ !== at) return false
    killed = applyToRecord(world, step)
    return true
  })
  return killed === null ? found.world : run(killed).world
}

test('a death between the journal and the call, at any step, changes nothing in the end', () => {
  fc.assert(
    fc.property(shapes, fc.constantFrom<Goal>('rollback', 'finish'), backs, (shape, goal, asks) => {
      const start = beforeDeploy(shape)
      const first = run(start)
      const canary = first.world.deployment.stage === 'canary'
      const whole = canary ? promote(first.world) : start
      const deploy = canary ? run(whole) : first
      const parked = turned(deploy.world, goal, asks)
      const back = run(parked)
      const left: [World, Run][] =
        back.world.deployment.stage === 'kept' ? [[finishing(back.world), run(finishing(back.world))]] : []
      for (const [from, clean] of [[start, first], [whole, deploy], [parked, back], ...left] as const) {
        for (let at = 0; at < clean.steps.length; at++) {
          expect(outcome(killedAt(from, at))).toEqual(outcome(clean.world))
        }
      }
    }),
    { numRuns: 12 },
  )
})
