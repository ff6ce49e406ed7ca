import { describe, expect, test } from 'vitest'
import { decide } from './decide.ts'
import { deployLadder } from './deploy.ts'
import { finishLadder } from './finish.ts'
import { beforeDeploy, noScaling, ruleTaken, run, whenTaken } from './fixture.ts'
import type { Shape } from './fixture.ts'
import type { Side } from './fleet.ts'
import { apply } from './model.ts'
import { runAction } from './model-scaling.ts'
import { withGroup } from './model-group.ts'
import { calledBy } from './scaling-definitions.ts'
import { arnOf, blueScaling, busy, cpu, dueIn, launch, night, out } from './scaling.fixture.ts'
import { turnTo } from './start.ts'
import type { Step, StepOf } from './step.ts'
import type { GroupScaling, World } from './world.ts'

const owning: Shape = { scaling: blueScaling }
const at = (rule: string, shape: Shape = owning) => whenTaken(deployLadder, rule, beforeDeploy(shape))
const turned = (world: World, goal: 'rollback' | 'finish'): World => ({
  ...world,
  deployment: turnTo(world.deployment, goal, world.now),
})
const parked = (shape: Shape = owning) => run(beforeDeploy(shape)).world

const of = <K extends Step['kind']>(steps: readonly Step[], kind: K) =>
  steps.filter((step): step is StepOf<K> => step.kind === kind)

function withScaling(world: World, side: Side, change: Partial<GroupScaling>): World {
  if (world.scaling === null) throw new Error('no scaling')
  return { ...world, scaling: { ...world.scaling, [side]: { ...world.scaling[side], ...change } } }
}

const named = (scaling: GroupScaling | undefined) => ({
  policies: scaling?.policies.map(({ name }) => name).toSorted(),
  alarms: scaling?.alarms.map(({ name }) => name),
  actions: scaling?.actions.map(({ name }) => name).toSorted(),
})
const everything = { policies: ['cpu', 'out'], alarms: ['busy'], actions: ['launch', 'night'] }
const nothing = { policies: [], alarms: [], actions: [] }

/** Two queries, one of which asks for a group's metric. */
const stat = (Value: string) => [
  {
    Id: 'm1',
    MetricStat: {
      Metric: { MetricName: 'q', Dimensions: [{ Name: 'AutoScalingGroupName', Value }] },
      Stat: 'Average',
    },
  },
  { Id: 'e1', Expression: 'm1*2' },
]

describe('a deploy', () => {
  test('takes every definition to the new group and leaves none on the old one', () => {
    const { world, steps } = run(beforeDeploy(owning))
    expect(named(world.scaling?.new)).toEqual(everything)
    expect(named(world.scaling?.old)).toEqual(nothing)
    const [alarm] = of(steps, 'put-alarm')
    expect(alarm?.alarm.settings['Dimensions']).toEqual([
      { Name: 'AutoScalingGroupName', Value: 'web-green' },
    ])
    expect(of(steps, 'put-alarm')).toHaveLength(1)
  })

  test('moves after the new min is pinned and before the old group is closed', () => {
    const kinds = run(beforeDeploy(owning)).steps.map(({ kind }) => kind)
    expect(kinds.indexOf('note-scaling')).toBeGreaterThan(kinds.lastIndexOf('size', kinds.indexOf('suspend')))
    expect(kinds.lastIndexOf('delete-policy')).toBeLessThan(kinds.indexOf('suspend'))
    expect(kinds.indexOf('note-scaling')).toBeLessThan(kinds.indexOf('put-actions'))
  })

  test('has a target tracking policy on both groups for one call only', () => {
    const calls = run(beforeDeploy(owning)).steps.flatMap((step) =>
      step.kind === 'put-policy'
        ? [`put ${step.policy.name}`]
        : step.kind === 'delete-policy'
          ? [`delete ${step.policy}`]
          : [],
    )
    expect(calls).toEqual(['put cpu', 'delete cpu', 'put out', 'delete out'])
  })

  test('journals the originals of both groups before the first of them is changed', () => {
    const { world } = run(beforeDeploy(owning), (_, step) => step.kind === 'put-actions')
    expect(world.deployment.scaling).toMatchObject({
      old: { before: { alarms: [busy], actions: [night, launch] } },
      new: { before: nothing, written: nothing },
    })
    expect(world.deployment.scaling?.old.before.policies).toEqual([
      { name: 'cpu', type: cpu.type, settings: cpu.settings },
      { name: 'out', type: out.type, settings: out.settings },
    ])
  })

  test('puts 120 scheduled actions in batches of at most 50, each deleted before the next is put', () => {
    const actions = Array.from({ length: 120 }, (_, n) => ({ ...night, name: `night-${n}` }))
    const { steps, world } = run(beforeDeploy({ scaling: { ...noScaling, actions } }))
    const batches = steps.flatMap((step) =>
      step.kind === 'put-actions' || step.kind === 'delete-actions' ? [[step.kind, step.actions.length]] : [],
    )
    expect(batches).toEqual([
      ['put-actions', 50],
      ['delete-actions', 50],
      ['put-actions', 50],
      ['delete-actions', 50],
      ['put-actions', 20],
      ['delete-actions', 20],
    ])
    expect(world.scaling?.new.actions).toHaveLength(120)
  })

  test('leaves a one-off action that is past behind, and says so', () => {
    const step = decide(dueIn(at('moveSchedules'), 'old', 'launch', -121_000))
    expect(step).toMatchObject({ kind: 'delete-actions', actions: ['launch'] })
    expect(step.why).toContain('launch will not run again')
  })

  test('leaves an action behind whose end is past', () => {
    const world = at('moveSchedules')
    const ended = { ...night, endsAt: world.now - 1, startsAt: null }
    expect(decide(withScaling(world, 'old', { actions: [ended] }))).toMatchObject({
      kind: 'delete-actions',
      actions: ['night'],
    })
  })

  test.each([
    ['is past', -121_000, null],
    ['is near', 59_000, null],
    ['is clearly ahead', 61_000, 61_000],
  ])('sends the start of a recurring action only where it lies ahead: it %s', (_, ms, sent) => {
    const world = dueIn(at('moveSchedules'), 'old', 'night', ms)
    const step = decide(world)
    const [action] = step.kind === 'put-actions' ? step.actions : []
    expect(action?.startsAt).toBe(sent === null ? null : world.now + sent)
  })

  test.each([
    ['31 s ahead', 31_000, false],
    ['30 s ahead', 30_000, true],
    ['119 s late', -119_000, true],
    ['120 s late', -120_000, false],
  ])('waits for a scheduled action that is about to run: %s', (_, ms, waits) => {
    const step = decide(dueIn(at('moveSchedules'), 'old', 'night', ms))
    expect(step.kind === 'wait' && step.schedule === 'night').toBe(waits)
  })

  test('does not wait for an action whose process a person has suspended: it will be skipped', () => {
    const world = at('moveSchedules', { ...owning, suspended: ['ScheduledActions'] })
    expect(decide(dueIn(world, 'old', 'night', 10_000)).kind).toBe('put-actions')
  })

  test('waits no longer than it takes to run, and moves it once', () => {
    const { steps, world } = run(dueIn(at('moveSchedules'), 'old', 'launch', 20_000))
    expect(of(steps, 'wait').some(({ schedule }) => schedule === 'launch')).toBe(true)
    expect(world.scaling?.new.actions.map(({ name }) => name)).toEqual(['night'])
    expect(world.deployment.old.overruled).toEqual({ min: 1, max: null })
    expect(world.new.min).toBe(1)
  })

  test('rewrites the group in every query of an alarm, and keeps what else it calls', () => {
    const many = {
      name: 'busy',
      settings: {
        Metrics: stat('web-blue'),
        AlarmActions: ['arn:aws:sns:r:1:ops', out.arn],
        OKActions: [out.arn],
        InsufficientDataActions: [out.arn, 'arn:aws:sns:r:1:ops'],
      },
    }
    const { world } = run(beforeDeploy({ scaling: { ...blueScaling, alarms: [many] } }))
    const [alarm] = world.scaling?.new.alarms ?? []
    expect(alarm?.settings['Metrics']).toEqual(stat('web-green'))
    const called = alarm === undefined ? [] : calledBy(alarm)
    expect(called.filter((arn) => arn === 'arn:aws:sns:r:1:ops')).toHaveLength(2)
    expect(called.filter((arn) => arn.includes('/web-green:policyName/out'))).toHaveLength(3)
    expect(called.filter((arn) => arn.includes('web-blue'))).toEqual([])
  })

  test('points an alarm of two policies only once both are there', () => {
    const back = { ...out, name: 'back', arn: arnOf('web-blue', 'back') }
    const both = { name: 'busy', settings: { ...busy.settings, OKActions: [back.arn] } }
    const scaling = { policies: [out, back], alarms: [both], actions: [] }
    const { steps } = run(beforeDeploy({ scaling }))
    expect(of(steps, 'put-alarm')).toHaveLength(1)
  })

  test('does not overwrite what another hand has put on the new group meanwhile', () => {
    const other = { ...cpu, arn: arnOf('web-green', 'cpu'), settings: { Enabled: false } }
    const world = withScaling(at('movePolicies'), 'new', { policies: [other] })
    const { steps, world: end } = run(world)
    expect(of(steps, 'put-policy').map(({ policy }) => policy.name)).toEqual(['out'])
    expect(end.scaling?.new.policies.find(({ name }) => name === 'cpu')?.settings).toEqual({ Enabled: false })
  })

  test('puts a policy again that was changed between put and delete', () => {
    const put = at('movePolicies')
    const world = apply(put, decide(put))
    const changed = { ...cpu, settings: { ...cpu.settings, Enabled: false } }
    expect(decide(withScaling(world, 'old', { policies: [changed, out] }))).toMatchObject({
      kind: 'put-policy',
      policy: { name: 'cpu', settings: { Enabled: false } },
    })
  })

  test('a person’s own suspension on the new group survives the move', () => {
    const suspended = withGroup(beforeDeploy(owning), 'new', { suspended: ['AlarmNotification'] })
    expect(run(suspended).world.new.suspended).toEqual(['AlarmNotification'])
  })
})

describe('a rollback', () => {
  test('brings every definition back as it was, and keeps nothing to tell of', () => {
    const { world, last } = run(turned(parked(), 'rollback'))
    expect(named(world.scaling?.old)).toEqual(everything)
    expect(named(world.scaling?.new)).toEqual(nothing)
    expect(last).toMatchObject({ kind: 'end', kept: [] })
  })

  test('keeps what another hand has changed, added and deleted, and names it', () => {
    const world = parked()
    const green = world.scaling?.new ?? noScaling
    const changed = green.policies.map((one) =>
      one.name === 'cpu' ? { ...one, settings: { Enabled: false } } : one,
    )
    const extra = { ...cpu, name: 'extra', arn: arnOf('web-green', 'extra') }
    const mine = withScaling(world, 'new', {
      policies: [...changed, extra],
      actions: green.actions.filter(({ name }) => name !== 'launch'),
    })
    const { world: end, last } = run(turned(mine, 'rollback'))
    expect(end.scaling?.old.policies.find(({ name }) => name === 'cpu')?.settings).toEqual({ Enabled: false })
    expect(named(end.scaling?.new)).toEqual({ ...nothing, policies: ['extra'] })
    const kept = last.kind === 'end' ? last.kept.map(({ group, field }) => `${group} ${field}`) : []
    expect(kept).toEqual([
      'web-blue policy cpu',
      'web-blue scheduled action launch',
      'web-green policy extra',
    ])
  })

  test('has one group react at every moment', () => {
    let world = turned(parked(), 'rollback')
    for (let turn = 0; turn < 60; turn += 1) {
      const step = decide(world)
      if (step.kind === 'end') break
      world = run(world, (_, next) => next !== step && next.kind !== 'wait').world
      const acts = (['old', 'new'] as const).filter(
        (side) =>
          !world[side].suspended.includes('AlarmNotification') && world.scaling?.[side].policies.length,
      )
      expect(acts.length, step.why).toBeGreaterThan(0)
      world = apply(world, decide(world))
    }
  })
})

describe('a finish', () => {
  test('leaves what another hand put on the parked group, and names it', () => {
    const mine = withScaling(parked(), 'old', { policies: [{ ...cpu, settings: { Enabled: false } }] })
    const { world, last } = run(turned(mine, 'finish'))
    expect(named(world.scaling?.old).policies).toEqual(['cpu'])
    expect(last).toMatchObject({ kept: [{ group: 'web-blue', field: 'policy cpu', original: 'none' }] })
  })

  test('touches nothing where nothing came back', () => {
    const { steps } = run(turned(parked(), 'finish'))
    const moves = ['put-policy', 'put-alarm', 'put-actions', 'delete-policy', 'delete-actions']
    expect(steps.filter(({ kind }) => moves.includes(kind))).toEqual([])
  })
})

const sorted = (world: World) => [world.old.suspended.toSorted(), world.new.suspended.toSorted()]

describe('swap', () => {
  const idle = ['AlarmNotification', 'HealthCheck', 'ScheduledActions']
  function swapping(): World {
    const world = beforeDeploy({ flags: { scaling: 'swap' } })
    const { deployment } = world
    const fresh = { ...deployment.new, before: { ...deployment.new.before, suspended: idle } }
    return withGroup({ ...world, deployment: { ...deployment, new: fresh } }, 'new', { suspended: idle })
  }

  test('exchanges suspensions at the switch, the new group awake before the old one sleeps', () => {
    const { world, steps } = run(swapping())
    expect(sorted(world)).toEqual([['AZRebalance', 'AlarmNotification', 'ScheduledActions'], ['HealthCheck']])
    const kinds = steps.map(({ kind }) => kind)
    expect(kinds.indexOf('resume')).toBeLessThan(kinds.indexOf('suspend'))
  })

  test('rollback exchanges them back', () => {
    const { world } = run(turned(run(swapping()).world, 'rollback'))
    expect(sorted(world)).toEqual([[], idle])
  })

  test('finish leaves the idle group asleep, so that its own schedules launch nothing', () => {
    const { world } = run(turned(run(swapping()).world, 'finish'))
    expect(sorted(world)).toEqual([['AlarmNotification', 'ScheduledActions'], ['HealthCheck']])
  })
})

test('none reads and moves nothing', () => {
  const { steps } = run(beforeDeploy({ flags: { scaling: 'none' } }))
  expect(steps.some(({ kind }) => kind === 'note-scaling')).toBe(false)
})

describe('the hold during the overlap', () => {
  test('is asserted again over a scheduled action, whose sizes come with the traffic', () => {
    const lowered = runAction(at('waitUntilReady'), 'old', { min: 1, max: 2, desired: 1 })
    expect(lowered.old.desired).toBe(1)
    expect(decide(lowered)).toMatchObject({
      kind: 'size',
      group: 'web-blue',
      min: 3,
      max: 3,
      instead: { min: 1, max: 2 },
    })
    const { world } = run(lowered)
    expect(world.new).toMatchObject({ min: 1 })
    expect(run(turned(world, 'finish')).last).toMatchObject({ kind: 'end' })
  })

  test('holds a live group whose min was as large as its size before', () => {
    const lowered = runAction(at('waitUntilReady', { ...owning, min: 3 }), 'old', {
      min: 1,
      max: null,
      desired: 1,
    })
    expect(decide(lowered)).toMatchObject({ kind: 'size', group: 'web-blue', min: 3, instead: { min: 1 } })
  })

  test('gives live back what another hand set, where the deployment is turned back', () => {
    const lowered = runAction(at('waitUntilReady'), 'old', { min: 1, max: null, desired: 1 })
    const held = apply(lowered, decide(lowered))
    const { world, last } = run(turned(held, 'rollback'))
    expect(world.old.min).toBe(1)
    expect(last).toMatchObject({ kept: [{ group: 'web-blue', field: 'min', value: '1', original: '2' }] })
  })

  test('a min that another hand sets on live once it is closed comes with the traffic, or goes back to live', () => {
    const raised = withGroup(at('freeOldMin'), 'old', { min: 1 })
    const step = decide(raised)
    expect(step).toMatchObject({ kind: 'size', group: 'web-blue', min: 0, instead: { min: 1 } })
    expect(run(raised).world.new.min).toBe(1)
    expect(run(turned(apply(raised, step), 'rollback')).world.old.min).toBe(1)
  })

  test('a min that another hand sets on the parked group is not taken for one of what serves', () => {
    const raised = withGroup(at('waitOutDrain'), 'old', { min: 1, desired: 1 })
    expect(run(raised).world.new.min).toBe(2)
  })

  test('on the new group is asserted again, too', () => {
    const lowered = runAction(at('parkOldInstances'), 'new', { min: 1, max: null, desired: 3 })
    expect(decide(lowered)).toMatchObject({ kind: 'size', group: 'web-green', min: 3, instead: { min: 1 } })
    expect(run(lowered).world.new.min).toBe(1)
  })

  test('a scale-out whose launch has not begun when the old group is closed is not lost', () => {
    const asked = withGroup(at('closeOldGroup'), 'old', { min: 4, desired: 4 })
    expect(run(asked).world.new.desired).toBe(4)
  })

  test('a scale-out, whatever moves it, is followed', () => {
    const grown = runAction(at('waitUntilReady'), 'old', { min: null, max: null, desired: 5 })
    expect(run(grown).world.new.desired).toBe(5)
  })
})

test('a kill between two calls of the move ends the same', () => {
  const clean = run(beforeDeploy(owning))
  for (const [index, killed] of clean.steps.entries()) {
    if (!['put-policy', 'put-alarm', 'put-actions', 'delete-policy', 'delete-actions'].includes(killed.kind))
      continue
    let count = -1
    const before = run(beforeDeploy(owning), () => (count += 1) === index)
    const again = run(apply(before.world, killed))
    expect(named(again.world.scaling?.new)).toEqual(everything)
    expect(named(again.world.scaling?.old)).toEqual(nothing)
    expect(named(run(turned(apply(before.world, killed), 'rollback')).world.scaling?.old)).toEqual(everything)
  }
})

test('finish removes a recreated policy and its alarm goes on calling the new one', () => {
  const world = parked()
  const green = world.scaling?.new ?? noScaling
  const stolen = { ...busy, settings: { ...busy.settings, AlarmActions: [out.arn] } }
  const recreated = withScaling(
    withScaling(turned(world, 'finish'), 'old', { policies: [out], alarms: [stolen] }),
    'new',
    { ...green, alarms: [] },
  )
  expect(ruleTaken(finishLadder, recreated)).toBe('tagLikeServing')
  const { world: end, last } = run(recreated)
  expect(named(end.scaling?.old)).toEqual(nothing)
  expect(named(end.scaling?.new)).toEqual(everything)
  expect(last).toMatchObject({ kept: [] })
})
