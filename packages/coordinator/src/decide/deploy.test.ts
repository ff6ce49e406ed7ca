import type { Report } from '@switchover/contract/report'
import { expect, test } from 'vitest'
import { deployLadder } from './deploy.ts'
import { decide } from './decide.ts'
import {
  beforeDeploy,
  digests,
  instance,
  noScaling,
  ruleTaken,
  run,
  whenStep,
  whenTaken,
  withReport,
} from './fixture.ts'
import type { Shape } from './fixture.ts'
import { apply } from './model.ts'
import { blueScaling, busy, dueIn, launch, night } from './scaling.fixture.ts'
import { advance } from './model-time.ts'
import { withGroup, withHealth, withInstance, withMachine } from './model-group.ts'
import type { World } from './world.ts'
import { type Row, testRows } from './rows.fixture.ts'

const hooks = { launching: ['boot'], terminating: [] }
const at = (rule: string, shape: Shape = {}) => whenTaken(deployLadder, rule, beforeDeploy(shape))
const green = ['web-green#1', 'web-green#2', 'web-green#3']
const blue = ['old-1', 'old-2', 'old-3']

const together: Shape = { flags: { release: 'together' }, hooks }

const [bakeMs, finishAfterMs] = [600_000, 3_600_000]
const baking: Shape = { flags: { bakeMs } }
const finishing: Shape = { flags: { bakeMs, finishAfterMs } }
const watchful: Shape = { flags: { bakeMs, alarms: ['web-5xx'] }, alarms: { 'web-5xx': 'OK' } }
const ill = { state: 'unhealthy', reason: 'Target.Timeout' }

const later = (world: World, ms: number): World => ({ ...world, now: world.now + ms })
const noted = (world: World): World => apply(world, decide(world))

/** When the bake ends, as the record says when it began. */
function bakedAt(shape: Shape): number {
  return (at('waitOutBake', shape).deployment.marks.bakeAt ?? 0) + bakeMs
}

/** Under `together` a launch of the new group's own begins as the old fleet has drained. */
function lateLaunch(): World {
  const world = at('copyMin', together)
  const late = { ...instance('late', 'Pending:Wait') }
  return withGroup(world, 'new', { desired: 4, instances: [...world.new.instances, late] })
}

const owning: Shape = { scaling: blueScaling }
const bare = {
  ...blueScaling,
  policies: blueScaling.policies.map(({ name, type, settings }) => ({ name, type, settings })),
}

/** The idle group came with these suspended. */
function withSuspended(world: World, suspended: string[]): World {
  const { deployment } = world
  const before = { ...deployment.new.before, suspended }
  return withGroup({ ...world, deployment: { ...deployment, new: { ...deployment.new, before } } }, 'new', {
    suspended,
  })
}

const rows: Row[] = [
  [
    'failFast',
    withReport(at('waitUntilReady'), 'web-green#2', {
      phase: 'failed',
      reason: { code: 'image-not-found', sentence: 'web:v2 is not in the registry.', kind: 'terminal' },
    }),
    {
      kind: 'turn-back',
      failure: {
        code: 'image-not-found',
        sentence: 'web-green#2 in web-green: web:v2 is not in the registry.',
        kind: 'terminal',
      },
    },
  ],
  [
    'tagNewGroup',
    beforeDeploy(),
    {
      kind: 'tag',
      group: 'web-green',
      set: {
        'switchover:version': 'v2',
        'switchover:digest': digests.v2,
        'switchover:bundle': 'bbbbbbbbbbbb',
        'switchover:release': 'each',
        'switchover:deployment': 'd1',
      },
      remove: ['switchover:digest:sidecar'],
    },
  ],
  ['holdOldScaleIn', at('holdOldScaleIn'), { kind: 'size', group: 'web-blue', min: 3 }],
  [
    'followScaleOut',
    withGroup(at('waitUntilReady'), 'old', {
      min: 4,
      desired: 4,
      instances: [...beforeDeploy().old.instances, instance('old-4')],
    }),
    { kind: 'require', required: 4 },
  ],
  [
    'sizeNewGroup',
    at('sizeNewGroup', { max: 8 }),
    { kind: 'size', group: 'web-green', min: 3, max: 8, desired: 3 },
  ],
  [
    'releaseTogether',
    at('releaseTogether', together),
    {
      kind: 'complete-hook',
      group: 'web-green',
      hook: 'boot',
      instance: 'web-green#1',
      result: 'CONTINUE',
    },
  ],
  ['noteCover', at('noteCover', { slowStart: 30_000 }), { kind: 'mark-covered', covered: true }],
  [
    'noteShortfall',
    withHealth(at('waitOutBake', baking), 'web-green#1', ill),
    { kind: 'mark-short', short: true },
  ],
  ['waitUntilReady', at('waitUntilReady'), { kind: 'wait', instances: green }],
  ['waitOutSlowStart', at('waitOutSlowStart', { slowStart: 30_000 }), { kind: 'wait', instances: green }],
  ['noteScaling', at('noteScaling', owning), { kind: 'note-scaling', old: bare, new: noScaling }],
  [
    'waitOutSchedule',
    dueIn(at('moveSchedules', owning), 'old', 'night', 30_000),
    { kind: 'wait', instances: [], schedule: 'night' },
  ],
  [
    'moveSchedules',
    at('moveSchedules', owning),
    { kind: 'put-actions', group: 'web-green', actions: [night, launch] },
  ],
  [
    'movePolicies',
    at('movePolicies', owning),
    { kind: 'put-policy', group: 'web-green', policy: bare.policies[0] },
  ],
  [
    'moveAlarms',
    at('moveAlarms', owning),
    {
      kind: 'put-alarm',
      group: 'web-green',
      alarm: {
        name: 'busy',
        settings: {
          ...busy.settings,
          Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'web-green' }],
          AlarmActions: [
            expect.stringContaining('autoScalingGroupName/web-green:policyName/out'),
            'arn:aws:sns:r:1:ops',
          ],
        },
      },
    },
  ],
  [
    'removePolicies',
    at('removePolicies', owning),
    { kind: 'delete-policy', group: 'web-blue', policy: 'out' },
  ],
  [
    'wakeNewGroup',
    withSuspended(at('closeOldGroup', { flags: { scaling: 'swap' } }), ['AlarmNotification', 'Terminate']),
    { kind: 'resume', group: 'web-green', processes: ['AlarmNotification'] },
  ],
  [
    'closeOldGroup',
    at('closeOldGroup', { suspended: ['AZRebalance', 'ReplaceUnhealthy'] }),
    { kind: 'suspend', group: 'web-blue', processes: ['AlarmNotification', 'ScheduledActions'] },
  ],
  [
    'waitOutOldLaunches',
    withGroup(at('freeOldMin'), 'old', {
      desired: 4,
      instances: [...beforeDeploy().old.instances, instance('old-4', 'Pending:Wait')],
    }),
    { kind: 'wait', instances: ['old-4'] },
  ],
  ['freeOldMin', at('freeOldMin'), { kind: 'size', group: 'web-blue', min: 0 }],
  ['parkOldInstances', at('parkOldInstances'), { kind: 'enter-standby', group: 'web-blue', instances: blue }],
  ['noteSwitch', at('noteSwitch'), { kind: 'mark-switched' }],
  [
    'zeroOldDesired',
    withGroup(at('waitOutDrain'), 'old', { desired: 1 }),
    { kind: 'size', group: 'web-blue', desired: 0 },
  ],
  ['waitOutDrain', at('waitOutDrain'), { kind: 'wait', instances: blue }],
  [
    'waitUntilReadyAgain',
    withHealth(at('copyMin'), 'web-green#1', { state: 'unhealthy', reason: 'Target.Timeout' }),
    { kind: 'wait', instances: ['web-green#1'] },
  ],
  ['waitOutLaunchHooks', apply(lateLaunch(), decide(lateLaunch())), { kind: 'wait', instances: ['late'] }],
  ['copyMin', at('copyMin'), { kind: 'size', group: 'web-green', min: 2 }],
  ['noteBake', at('noteBake', baking), { kind: 'mark-bake' }],
  ['waitOutBake', at('waitOutBake', baking), { kind: 'wait', instances: green, until: bakedAt(baking) }],
  [
    'waitToFinish',
    later(at('waitOutBake', finishing), bakeMs),
    { kind: 'wait', instances: green, until: bakedAt(finishing) + finishAfterMs },
  ],
  [
    'waitWhileShort',
    later(noted(withHealth(at('waitOutBake', baking), 'web-green#1', ill)), bakeMs),
    { kind: 'wait', instances: ['web-green#1'] },
  ],
  ['waitForAlarms', { ...at('settle', watchful), alarms: new Map() }, { kind: 'wait', instances: [] }],
  ['beginFinish', at('beginFinish', finishing), { kind: 'begin-finish' }],
  ['settle', at('settle'), { kind: 'settle', stage: 'parked' }],
]

testRows(deployLadder, rows)

test('leaves both groups as the contract says', () => {
  const { world, last } = run(beforeDeploy({ suspended: ['AZRebalance'] }))
  expect(last).toMatchObject({ kind: 'settle', stage: 'parked' })
  expect(world.new).toMatchObject({ min: 2, max: 6, desired: 3, suspended: [] })
  expect(world.old).toMatchObject({ min: 0, max: 6, desired: 0 })
  expect(world.old.suspended.toSorted()).toEqual(['AZRebalance', 'AlarmNotification', 'ScheduledActions'])
  expect(world.old.instances.map((one) => one.lifecycle)).toEqual(['Standby', 'Standby', 'Standby'])
  expect(world.old.tags).toEqual(beforeDeploy().old.tags)
  expect(world.deployment.old.written.suspended).toEqual(['AlarmNotification', 'ScheduledActions'])
})

test('agents complete launch hooks again once the switch is over', () => {
  const { world, steps } = run(beforeDeploy(together))
  expect(world.new.tags['switchover:release']).toBe('each')
  expect(steps.filter((step) => step.kind === 'complete-hook')).toHaveLength(3)
})

test('parks a fleet of 40 in batches of at most 19', () => {
  const { steps } = run(beforeDeploy({ live: 40, max: 50 }))
  const batches = steps.flatMap((step) => (step.kind === 'enter-standby' ? [step.instances.length] : []))
  expect(batches).toEqual([19, 19, 2])
})

test('waits out slow start, and begins anew when a new instance is lost', () => {
  const slow = at('waitOutSlowStart', { slowStart: 30_000 })
  const lost = withHealth(slow, 'web-green#1', { state: 'unhealthy', reason: null })
  expect(decide(lost)).toMatchObject({ kind: 'mark-covered', covered: false })
  expect(ruleTaken(deployLadder, { ...slow, now: slow.now + 30_000 })).toBe('closeOldGroup')
})

test.each<[what: string, world: World]>([
  [
    'another digest',
    withReport(at('closeOldGroup'), 'web-green#1', {
      images: [{ service: 'app', repository: 'app', digest: digests.v1, imageId: digests.v1 }],
    }),
  ],
  ['no image', withReport(at('closeOldGroup'), 'web-green#1', { images: [] })],
  ['another version', withReport(at('closeOldGroup'), 'web-green#1', { version: 'v1' })],
  ['another bundle', withReport(at('closeOldGroup'), 'web-green#1', { bundle: 'cccccccccccc' })],
  ['a phase before ready', withReport(at('closeOldGroup'), 'web-green#1', { phase: 'verifying' })],
  ['no report', { ...at('closeOldGroup'), reports: new Map() }],
  ['draining in one target group', drainingInOne(at('closeOldGroup'), 'web-green#1')],
  ['unhealthy to its group', withInstance(at('closeOldGroup'), 'new', 'web-green#1', { healthy: false })],
])('an instance does not count with %s', (_, world) => {
  expect(ruleTaken(deployLadder, world)).toBe('waitUntilReady')
})

function drainingInOne(world: World, id: string): World {
  const [first, ...rest] = world.trafficSources
  if (!first) throw new Error('no target group')
  const health = new Map(first.health).set(id, { state: 'draining', reason: null })
  return { ...world, trafficSources: [{ ...first, health }, ...rest] }
}

test('readiness load-balancer asks no agent', () => {
  const world = at('closeOldGroup', { flags: { readiness: 'load-balancer' } })
  expect(ruleTaken(deployLadder, { ...world, reports: new Map() })).toBe('closeOldGroup')
})

const image = (service: string, digest: string) => ({ service, repository: service, digest, imageId: digest })

test('several pinned repositories must all run their own digest', () => {
  const world = at('closeOldGroup')
  const expected = { web: digests.v2, worker: digests.v1 }
  const several: World = {
    ...withGroup(world, 'new', {
      tags: {
        ...Object.fromEntries(Object.entries(world.new.tags).filter(([key]) => key !== 'switchover:digest')),
        'switchover:digest:web': digests.v2,
        'switchover:digest:worker': digests.v1,
      },
    }),
    deployment: { ...world.deployment, digests: expected },
  }
  const both = [image('web', digests.v2), image('worker', digests.v1)]
  const rule = (images: typeof both) =>
    ruleTaken(
      deployLadder,
      ['web-green#1', 'web-green#2', 'web-green#3'].reduce(
        (next, id) => withReport(next, id, { images }),
        several,
      ),
    )
  expect(rule(both)).toBe('closeOldGroup')
  expect(rule(both.slice(0, 1))).toBe('waitUntilReady')
  expect(rule([image('web', digests.v1), image('worker', digests.v1)])).toBe('waitUntilReady')
})

const progress = {
  image: 'web@sha256:1',
  bytes: 48e6,
  total: null,
  unpacked: 0,
  bytesPerSecond: 1e6,
  remainingMs: null,
}

test.each<[string, Partial<Report>]>([
  ['pulling', {}],
  ['pulling (48 MB so far)', { progress }],
  ['pulling (48 % of 100 MB)', { progress: { ...progress, total: 100e6 } }],
  ['pulling: Slow.', { reason: { code: 'registry-throttled', sentence: 'Slow.', kind: 'retryable' } }],
])('a wait names who lacks what: %s', (lack, report) => {
  const world = withReport(advance(at('waitUntilReady')), 'web-green#1', { phase: 'pulling', ...report })
  const step = decide(withInstance(world, 'new', 'web-green#1', { lifecycle: 'Pending:Wait' }))
  expect(step).toMatchObject({ kind: 'wait' })
  expect(step.kind === 'wait' ? step.waitingFor : '').toContain(`web-green#1: ${lack}`)
})

test('a drain that never ends is handed to a person', () => {
  const world = at('waitOutDrain')
  const late = { ...world, now: world.now + 1_800_000 + 5_000 }
  expect(decide(late)).toMatchObject({ kind: 'settle', stage: 'held', failure: { code: 'stuck' } })
})

test('the new group keeps a min that another hand set', () => {
  const { world } = run(withGroup(whenStep('enter-standby', beforeDeploy()), 'new', { min: 3, desired: 5 }))
  expect(world.new).toMatchObject({ min: 2, desired: 5 })
  const other = run(withGroup(whenStep('enter-standby', beforeDeploy()), 'new', { min: 5, desired: 5 }))
  expect(other.world.new.min).toBe(5)
})

test('a dead machine in the record changes nothing before it matters', () => {
  const world = withMachine(at('waitOutDrain'), 'old-1', 'terminated')
  expect(ruleTaken(deployLadder, world)).toBe('waitOutDrain')
})
