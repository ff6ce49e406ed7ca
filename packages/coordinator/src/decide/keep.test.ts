import { expect, test } from 'vitest'
import { decide } from './decide.ts'
import { deployLadder } from './deploy.ts'
import { finishKeptLadder } from './finish-kept.ts'
import { beforeDeploy, instance, run, whenStep, whenTaken, withReport } from './fixture.ts'
import type { Shape } from './fixture.ts'
import { withGroup, withHealth, withInstance, withMachine } from './model-group.ts'
import { rollbackLadder } from './rollback.ts'
import { finishKept, turnTo } from './start.ts'
import type { World } from './world.ts'
import { type Row, testRows } from './rows.fixture.ts'

const turned = (world: World, keep: number): World => ({
  ...world,
  deployment: { ...turnTo(world.deployment, 'rollback', world.now), back: { keep, floor: 100 } },
})
const back = (keep: number, shape: Shape = {}) => turned(run(beforeDeploy(shape)).world, keep)
const finishing = ({ ...world }: World): World => ({
  ...world,
  deployment: finishKept(world.deployment, world.now),
})
const kept = (keep = 2) => finishing(run(back(keep)).world)
const at = (rule: string) => whenTaken(finishKeptLadder, rule, kept())
const ill = { state: 'unhealthy', reason: 'Target.Timeout' }
const gaveUp = { code: 'app-unhealthy', sentence: 'The app never answered.', kind: 'terminal' } as const

test('keeps as many as were asked for, ends the rest and leaves the record open', () => {
  const { world, last } = run(back(2))
  expect(last).toMatchObject({ kind: 'settle', stage: 'kept', kept: ['web-green#1', 'web-green#2'] })
  expect(world.deployment).toMatchObject({ goal: 'rollback', stage: 'kept', failure: null })
  expect(world.new).toMatchObject({ min: 0, max: 6, desired: 0, suspended: [] })
  expect(world.new.instances).toEqual([
    instance('web-green#1', 'Standby'),
    instance('web-green#2', 'Standby'),
  ])
  expect(world.new.tags['switchover:version']).toBe('v1')
  expect(world.old).toMatchObject({ min: 2, max: 6, desired: 3 })
  expect(world.deployment.parked).toEqual(['old-1', 'old-2', 'old-3'])
})

test('keeps all there are where more were asked for, in batches of at most 19', () => {
  const { world, steps } = run(back(100, { live: 40, max: 50 }))
  expect(world.new.instances).toHaveLength(40)
  const batches = steps.flatMap((step) => (step.kind === 'enter-standby' ? step.instances.length : []))
  expect(batches).toEqual([19, 19, 2])
})

test('what a post-mortem needs most is kept first: given up, unhealthy, any', () => {
  const start = whenTaken(rollbackLadder, 'keepNew', back(3))
  const failed = withReport(withHealth(start, 'web-green#2', ill), 'web-green#3', {
    phase: 'failed',
    reason: gaveUp,
  })
  expect(decide(failed)).toMatchObject({
    kind: 'enter-standby',
    instances: ['web-green#3', 'web-green#2', 'web-green#1'],
  })
})

test('those the record names are kept, whatever has become more telling since', () => {
  const start = whenTaken(rollbackLadder, 'keepNew', back(1))
  const named = { ...start, deployment: { ...start.deployment, kept: ['web-green#3'] } }
  const other = withReport(named, 'web-green#1', { phase: 'failed', reason: gaveUp })
  expect(decide(other)).toMatchObject({ kind: 'enter-standby', instances: ['web-green#3'] })
})

test('an instance that is still launching is not kept, and a rollback that finds none to keep ends', () => {
  const waiting = whenTaken(deployLadder, 'waitUntilReady', beforeDeploy())
  const launching = withGroup(waiting, 'new', {
    instances: waiting.new.instances.map((one) => ({ ...one, lifecycle: 'Pending' })),
  })
  const { world, last } = run(turned(launching, 2))
  expect(last).toMatchObject({ kind: 'end', outcome: 'rolled-back' })
  expect(world.new.instances).toEqual([])
})

test('nothing is kept before the old group carries the service', () => {
  const world = whenTaken(rollbackLadder, 'waitUntilCarried', back(2))
  expect(run(world, (_, step) => step.kind === 'enter-standby').world.old.instances).toEqual(
    ['old-1', 'old-2', 'old-3'].map((id) => instance(id)),
  )
})

test('a kept instance that drains is waited for', () => {
  const world = whenTaken(rollbackLadder, 'settleKept', back(1))
  const draining = withInstance(world, 'new', 'web-green#1', { lifecycle: 'EnteringStandby' })
  expect(decide(draining)).toMatchObject({ kind: 'wait', instances: ['web-green#1'] })
})

test('a canary can be kept too', () => {
  const { last } = run(turned(whenStep('settle', beforeDeploy({ flags: { canary: 2 } })), 1))
  expect(last).toMatchObject({ kind: 'settle', stage: 'kept', kept: ['web-green#1'] })
})

const rows: Row[] = [
  [
    'refuseServing',
    withInstance(kept(), 'new', 'web-green#1', { lifecycle: 'InService' }),
    { kind: 'settle', stage: 'held', failure: { code: 'both-serve' } },
  ],
  [
    'zeroNew',
    withGroup(kept(), 'new', { min: 1, desired: 1 }),
    { kind: 'size', group: 'web-green', min: 0, desired: 0 },
  ],
  [
    'waitKeptDrain',
    withInstance(kept(), 'new', 'web-green#1', { lifecycle: 'EnteringStandby' }),
    { kind: 'wait', instances: ['web-green#1'] },
  ],
  ['endKept', kept(), { kind: 'detach', group: 'web-green', instances: ['web-green#1', 'web-green#2'] }],
  [
    'terminateDetached',
    at('terminateDetached'),
    { kind: 'terminate', instances: ['web-green#1', 'web-green#2'] },
  ],
  ['waitTerminated', at('waitTerminated'), { kind: 'wait', instances: ['web-green#1', 'web-green#2'] }],
  [
    'waitNewGone',
    withGroup(at('end'), 'new', { instances: [instance('late', 'Terminating')] }),
    { kind: 'wait', instances: ['late'] },
  ],
  [
    'end',
    at('end'),
    {
      kind: 'end',
      outcome: 'rolled-back',
      ended: ['web-green#1', 'web-green#2', 'web-green#3'],
      kept: [],
    },
  ],
]

testRows(finishKeptLadder, rows)

test('finish of what was kept changes nothing of the group that serves', () => {
  const { world } = run(kept())
  expect(world.old).toEqual(kept().old)
  expect(world.new.instances).toEqual([])
  expect(world.machines.get('web-green#1')).toBe('terminated')
})

test('a kept instance that died in Standby is detached all the same', () => {
  const { world, last } = run(withMachine(kept(), 'web-green#1', 'terminated'))
  expect(last).toMatchObject({ kind: 'end', outcome: 'rolled-back' })
  expect(world.new.instances).toEqual([])
})

test('the deployment that failed has failed also once its kept instances are gone', () => {
  const world = back(1)
  const failed = { ...world, deployment: { ...world.deployment, failure: gaveUp } }
  const settled = finishing(run(failed).world)
  expect(run(settled).last).toMatchObject({ kind: 'end', outcome: 'failed' })
  const again = { ...settled, deployment: turnTo(settled.deployment, 'finish', settled.now) }
  expect(run(again).last).toMatchObject({ kind: 'end', outcome: 'failed' })
})

test('one that enters service protected when the new group was told to end all is ended, not kept', () => {
  const early = run(beforeDeploy({ live: 1, min: 1 }), (world) => world.new.instances.length === 1).world
  const launching = withInstance(early, 'new', 'web-green#1', { protected: true })
  const { world, last } = run(turned(launching, 1))
  expect(last).toMatchObject({ kind: 'end', outcome: 'rolled-back' })
  expect(world.new).toMatchObject({ desired: 0, instances: [] })
})
