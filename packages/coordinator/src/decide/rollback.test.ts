import { expect, test } from 'vitest'
import { decide } from './decide.ts'
import { deployLadder } from './deploy.ts'
import { beforeDeploy, instance, ruleTaken, run, whenStep, whenTaken, withReport } from './fixture.ts'
import type { Shape } from './fixture.ts'
import { apply } from './model.ts'
import { advance } from './model-time.ts'
import { draining, healthy, withGroup, withHealth, withInstance, withMachine } from './model-group.ts'
import { rollbackLadder } from './rollback.ts'
import { blueScaling, cpu, dueIn, launch, night } from './scaling.fixture.ts'
import { turnTo } from './start.ts'
import type { World } from './world.ts'
import { type Row, testRows } from './rows.fixture.ts'

const back = (world: World): World => ({
  ...world,
  deployment: turnTo(world.deployment, 'rollback', world.now),
})
const parked = (shape: Shape = {}) => back(run(beforeDeploy(shape)).world)
const at = (rule: string, shape: Shape = {}) => whenTaken(rollbackLadder, rule, parked(shape))

/** A rollback that was given --keep or --floor. */
const asked = (world: World, options: Partial<World['deployment']['back']>): World => ({
  ...world,
  deployment: { ...world.deployment, back: { keep: 0, floor: 100, ...options } },
})
const keeping = (keep: number, shape: Shape = {}) => asked(parked(shape), { keep })
/** Under --floor 30% the first of three old instances is healthy, and two are not yet. */
const lowFloor = () => {
  const world = asked(at('waitUntilCarried'), { floor: 30 })
  return withHealth(withInstance(world, 'old', 'old-1', { lifecycle: 'InService' }), 'old-1', healthy)
}
const keepAt = (rule: string, keep = 1) => whenTaken(rollbackLadder, rule, keeping(keep))

const green = ['web-green#1', 'web-green#2', 'web-green#3']
const blue = ['old-1', 'old-2', 'old-3']
const hooks = { launching: ['boot'], terminating: ['leave'] }

const registered = (...instances: string[]) =>
  parked().trafficSources.map(({ id }) => ({ source: id, instances }))

const held = (lifecycle: string) =>
  withGroup(at('waitNewGone', { hooks }), 'new', { instances: [instance('web-green#1', lifecycle)] })

const owning: Shape = { scaling: blueScaling }

/** Under swap the new group came with this suspended, and was woken for the switch. */
function woken(world: World): World {
  const { deployment } = world
  const { before, written } = deployment.new
  const exchanged = {
    ...deployment.new,
    before: { ...before, suspended: ['AlarmNotification'] },
    written: { ...written, resumed: ['AlarmNotification'] },
  }
  return { ...world, deployment: { ...deployment, new: exchanged } }
}

const rows: Row[] = [
  [
    'launchMustRun',
    withGroup(parked(), 'old', { suspended: ['Launch'] }),
    { kind: 'settle', stage: 'held', failure: { code: 'launch-suspended' } },
  ],
  ['holdNewScaleIn', parked(), { kind: 'size', group: 'web-green', min: 3 }],
  [
    'detachDeadParked',
    withMachine(at('returnParked'), 'old-2', 'stopped'),
    { kind: 'detach', group: 'web-blue', instances: ['old-2'] },
  ],
  ['makeRoom', withGroup(at('returnParked'), 'old', { max: 2 }), { kind: 'size', group: 'web-blue', max: 3 }],
  ['returnParked', at('returnParked'), { kind: 'exit-standby', group: 'web-blue', instances: blue }],
  [
    'waitOutOldDrain',
    withInstance(at('waitUntilCarried'), 'old', 'old-3', { lifecycle: 'EnteringStandby' }),
    { kind: 'wait', instances: ['old-3'] },
  ],
  ['waitUntilCarried', at('waitUntilCarried'), { kind: 'wait', instances: blue }],
  ['pinOldMin', at('pinOldMin'), { kind: 'size', group: 'web-blue', min: 3 }],
  [
    'wakeOld',
    at('wakeOld', { suspended: ['ScheduledActions'] }),
    { kind: 'resume', group: 'web-blue', processes: ['AlarmNotification'] },
  ],
  [
    'waitOutSchedule',
    dueIn(at('moveSchedules', owning), 'new', 'launch', -1_000),
    { kind: 'wait', instances: [], schedule: 'launch' },
  ],
  [
    'moveSchedules',
    at('moveSchedules', owning),
    { kind: 'put-actions', group: 'web-blue', actions: [night, launch] },
  ],
  [
    'movePolicies',
    at('movePolicies', owning),
    { kind: 'put-policy', group: 'web-blue', policy: { name: 'cpu', settings: cpu.settings } },
  ],
  [
    'moveAlarms',
    at('moveAlarms', owning),
    {
      kind: 'put-alarm',
      group: 'web-blue',
      alarm: { settings: { Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'web-blue' }] } },
    },
  ],
  [
    'removePolicies',
    at('removePolicies', owning),
    { kind: 'delete-policy', group: 'web-green', policy: 'out' },
  ],
  [
    'quietNewGroup',
    woken(at('zeroNew')),
    { kind: 'suspend', group: 'web-green', processes: ['AlarmNotification'] },
  ],
  ['freeNewMin', keepAt('freeNewMin'), { kind: 'size', group: 'web-green', min: 0 }],
  ['keepNew', keepAt('keepNew'), { kind: 'enter-standby', group: 'web-green', instances: ['web-green#1'] }],
  [
    'unprotectNew',
    withInstance(at('zeroNew'), 'new', 'web-green#2', { protected: true }),
    { kind: 'unprotect', group: 'web-green', instances: ['web-green#2'] },
  ],
  ['zeroNew', at('zeroNew'), { kind: 'size', group: 'web-green', min: 0, desired: 0 }],
  [
    'abandonLaunches',
    held('Pending:Wait'),
    { kind: 'complete-hook', group: 'web-green', hook: 'boot', instance: 'web-green#1', result: 'ABANDON' },
  ],
  [
    'withdrawNew',
    withHealth(at('withdrawNew'), 'web-green#2', draining),
    { kind: 'deregister', group: 'web-green', from: registered('web-green#1', 'web-green#3') },
  ],
  ['waitNewOut', withHealth(at('withdrawNew'), 'old-1', null), { kind: 'wait', instances: green }],
  ['noteReturn', at('noteReturn'), { kind: 'mark-switched' }],
  [
    'waitUntilWhole',
    whenTaken(rollbackLadder, 'waitUntilWhole', lowFloor()),
    { kind: 'wait', instances: ['old-2', 'old-3'] },
  ],
  ['noteWhole', whenTaken(rollbackLadder, 'noteWhole', lowFloor()), { kind: 'mark-covered', covered: true }],
  ['restoreOld', at('restoreOld'), { kind: 'size', group: 'web-blue', min: 2 }],
  [
    'resumeOld',
    at('resumeOld', { suspended: ['ScheduledActions'] }),
    { kind: 'resume', group: 'web-blue', processes: ['AZRebalance'] },
  ],
  [
    'completeTerminations',
    { ...withHealth(held('Terminating:Wait'), 'web-green#1', null), reports: new Map() },
    {
      kind: 'complete-hook',
      group: 'web-green',
      hook: 'leave',
      instance: 'web-green#1',
      result: 'CONTINUE',
    },
  ],
  ['endNewStandby', held('Standby'), { kind: 'detach', group: 'web-green', instances: ['web-green#1'] }],
  [
    'terminateDetached',
    apply(held('Standby'), decide(held('Standby'))),
    { kind: 'terminate', instances: ['web-green#1'] },
  ],
  [
    'tagLikeServing',
    at('tagLikeServing'),
    {
      kind: 'tag',
      group: 'web-green',
      set: {
        'switchover:version': 'v1',
        'switchover:digest': beforeDeploy().old.tags['switchover:digest'],
        'switchover:bundle': 'aaaaaaaaaaaa',
      },
      remove: ['switchover:release', 'switchover:deployment'],
    },
  ],
  ['waitNewGone', at('waitNewGone'), { kind: 'wait', instances: green }],
  [
    'waitTerminated',
    whenTaken(rollbackLadder, 'waitTerminated', held('Standby')),
    { kind: 'wait', instances: ['web-green#1'] },
  ],
  ['restoreNew', at('restoreNew', { max: 8 }), { kind: 'size', group: 'web-green', max: 6 }],
  [
    'resumeNew',
    suspendedByUs(at('end')),
    { kind: 'resume', group: 'web-green', processes: ['AlarmNotification'] },
  ],
  [
    'settleKept',
    keepAt('settleKept'),
    { kind: 'settle', stage: 'kept', kept: ['web-green#1'], ended: ['web-green#2', 'web-green#3'] },
  ],
  ['end', at('end'), { kind: 'end', outcome: 'rolled-back', ended: green, kept: [] }],
]

function suspendedByUs(world: World): World {
  const step = {
    kind: 'suspend',
    group: 'web-green',
    processes: ['AlarmNotification'],
    why: 'moves',
  } as const
  return apply(world, step)
}

testRows(rollbackLadder, rows)

const sizes = ({ old }: World) => ({ min: old.min, max: old.max, desired: old.desired })

test('a deploy that never switched leaves live alone and empties the new group', () => {
  for (const start of ['tag', 'size', 'wait', 'suspend', 'enter-standby'] as const) {
    const { world, steps, last } = run(back(whenStep(start, beforeDeploy({ suspended: ['AZRebalance'] }))))
    expect(last).toMatchObject({ kind: 'end', outcome: 'rolled-back', kept: [] })
    expect(sizes(world)).toEqual({ min: 2, max: 6, desired: 3 })
    expect(world.old.suspended).toEqual(['AZRebalance'])
    expect(world.old.instances).toEqual(beforeDeploy().old.instances)
    expect(world.new).toMatchObject({ min: 0, max: 6, desired: 0, suspended: [], instances: [] })
    expect(steps.some((step) => step.kind === 'exit-standby')).toBe(false)
  }
})

test('returns the same instances and launches none', () => {
  const { world, steps } = run(parked())
  expect(world.old.instances.map((one) => one.id)).toEqual(blue)
  expect([...world.machines.keys()].filter((id) => id.startsWith('web-blue'))).toEqual([])
  expect(steps.filter((step) => step.kind === 'detach')).toEqual([])
})

test('half-switched: what is in Standby returns before the rest has drained', () => {
  const half = withInstance(whenStep('mark-switched', beforeDeploy()), 'old', 'old-1', {
    lifecycle: 'Standby',
  })
  const { steps } = run(back(half))
  const kinds = steps.map((step) => step.kind)
  expect(kinds.slice(0, 3)).toEqual(['exit-standby', 'wait', 'exit-standby'])
})

test.each([
  ['parking has just begun', 0, '5.0s more at most'],
  ['some of it is over', 3_000, '5.0s more at most'],
  ['its time is over', 5_000, 'longer than 5.0s'],
])('waiting out a drain says how long it may take: %s', (_, passed, words) => {
  const start = whenStep('mark-switched', beforeDeploy())
  const parkedAt = start.deployment.parkingAt ?? 0
  const waits = run(back({ ...start, now: parkedAt + passed }), (_world, one) => one.kind === 'wait')
  expect(waits.last).toMatchObject({ waitingFor: expect.stringContaining(words) })
})

test('parked instances that left the group altogether are made up for', () => {
  const start = parked()
  const gone = withGroup(start, 'old', { instances: start.old.instances.slice(0, 1) })
  const { world, steps } = run(gone)
  expect(steps).toContainEqual(expect.objectContaining({ kind: 'size', group: 'web-blue', desired: 2 }))
  expect(world.old.instances.filter(({ lifecycle }) => lifecycle === 'InService')).toHaveLength(3)
})

test('dead parked instances are detached, terminated and replaced by desired', () => {
  const dead = withMachine(withMachine(parked(), 'old-1', 'terminated'), 'old-2', 'stopped')
  const { world, steps, last } = run(dead)
  expect(steps).toContainEqual(expect.objectContaining({ kind: 'detach', instances: ['old-1', 'old-2'] }))
  expect(steps).toContainEqual(expect.objectContaining({ kind: 'size', group: 'web-blue', desired: 2 }))
  expect(world.machines.get('old-2')).toBe('terminated')
  expect(last).toMatchObject({ ended: ['old-1', 'old-2', ...green] })
  expect(sizes(world)).toEqual({ min: 2, max: 6, desired: 3 })
})

test('a service that has grown since keeps its larger desired', () => {
  let grown = withGroup(parked(), 'new', { desired: 5 })
  for (let turn = 0; turn < 4; turn++) grown = advance(grown)
  const { world, last } = run(grown)
  expect(world.old.desired).toBe(5)
  expect(last).toMatchObject({
    kept: [{ group: 'web-blue', field: 'desired', value: '5', original: '3' }],
  })
})

test('another hand on sizes and suspensions is kept and named', () => {
  const other = withGroup(parked(), 'old', { max: 9, suspended: [...parked().old.suspended, 'HealthCheck'] })
  const { world, last } = run(other)
  expect(world.old).toMatchObject({ max: 9, suspended: ['HealthCheck'] })
  expect(last).toMatchObject({
    kept: [
      { group: 'web-blue', field: 'max', value: '9', original: '6' },
      { group: 'web-blue', field: 'suspended', value: 'HealthCheck', original: 'none' },
    ],
  })
})

test('the new group stays until the old one serves in every target group', () => {
  const world = at('pinOldMin')
  const [first, ...rest] = world.trafficSources
  if (!first) throw new Error('no target group')
  const health = new Map(first.health).set('old-1', draining)
  const one = { ...world, trafficSources: [{ ...first, health }, ...rest] }
  expect(ruleTaken(rollbackLadder, one)).toBe('waitUntilCarried')
})

test('a deploy that failed ends as failed', () => {
  const failing = withReport(
    whenTaken(rollbackLadder, 'zeroNew', back(whenStep('wait', beforeDeploy()))),
    green[0] ?? '',
    {},
  )
  const deployment = {
    ...failing.deployment,
    failure: { code: 'timeout', sentence: 'It took too long.', kind: 'terminal' } as const,
  }
  expect(run({ ...failing, deployment }).last).toMatchObject({ kind: 'end', outcome: 'failed' })
})

test('an agent that still drains completes its own hook, until its time is over', () => {
  const world = withReport(held('Terminating:Wait'), 'web-green#1', { phase: 'draining' })
  const drained = withHealth(world, 'web-green#1', null)
  expect(ruleTaken(rollbackLadder, drained)).toBe('waitNewGone')
  expect(ruleTaken(rollbackLadder, { ...drained, now: drained.now + 70_000 })).toBe('completeTerminations')
  expect(
    ruleTaken(rollbackLadder, { ...withHealth(world, 'web-green#1', draining), reports: new Map() }),
  ).toBe('waitNewGone')
})

test('several hooks take turns', () => {
  const world = withGroup(held('Pending:Wait'), 'new', { hooks: { launching: ['a', 'b'], terminating: [] } })
  const hookAt = (now: number) => {
    const step = decide({ ...world, now })
    return step.kind === 'complete-hook' ? step.hook : null
  }
  expect([hookAt(1_000_000), hookAt(1_001_000)]).toEqual(['a', 'b'])
})

test('a wait without end is handed to a person', () => {
  const world = at('waitUntilCarried')
  const late = { ...world, now: world.now + 1_800_000 + 5_000 }
  expect(decide(late)).toMatchObject({ kind: 'settle', stage: 'held', failure: { code: 'stuck' } })
})

test.each([
  ['before the switch', whenTaken(deployLadder, 'parkOldInstances', beforeDeploy())],
  ['after it', run(beforeDeploy()).world],
])(
  'the old group may scale out again before the new one goes, and in only after it: turned back %s',
  (_, start) => {
    const acts = run(back(start), (_world, step) => step.kind === 'resume')
    expect(acts.last).toMatchObject({ processes: ['AlarmNotification', 'ScheduledActions'] })
    expect(acts.world.new.desired).toBe(3)
    expect(acts.world.old).toMatchObject({ min: 3, desired: 3, max: 6 })
    const { world } = run(
      acts.world,
      (next, step) => step.kind === 'size' && next.old.min > 2 && step.min === 2,
    )
    expect(world.old.min).toBe(3)
    expect(world.new).toMatchObject({ min: 0, desired: 0 })
  },
)

test('a parked instance whose agent gave up is replaced, one whose agent still tries is not', () => {
  const reason = { code: 'disk-full', sentence: 'The disk is full.', kind: 'terminal' } as const
  const start = at('returnParked')
  const failed = withReport(start, 'old-2', { phase: 'failed', reason })
  expect(decide(failed)).toMatchObject({ kind: 'detach', group: 'web-blue', instances: ['old-2'] })
  const trying = withReport(start, 'old-2', { phase: 'failed', reason: { ...reason, kind: 'retryable' } })
  expect(decide(trying)).toMatchObject({ kind: 'exit-standby', instances: blue })
  const { world, last } = run(failed)
  expect(last).toMatchObject({ kind: 'end', outcome: 'rolled-back' })
  expect(world.old.instances).toHaveLength(3)
  expect(world.machines.get('old-2')).toBe('terminated')
})
