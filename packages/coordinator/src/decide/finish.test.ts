import { expect, test } from 'vitest'
import { decide } from './decide.ts'
import { finishLadder } from './finish.ts'
import { beforeDeploy, instance, noScaling, ruleTaken, run, whenTaken } from './fixture.ts'
import type { Shape } from './fixture.ts'
import { withGroup, withInstance, withMachine } from './model-group.ts'
import { blueScaling, night } from './scaling.fixture.ts'
import { turnTo } from './start.ts'
import type { World } from './world.ts'
import { type Row, testRows } from './rows.fixture.ts'

function parked(shape: Shape = {}): World {
  const { world } = run(beforeDeploy(shape))
  return { ...world, deployment: turnTo(world.deployment, 'finish', world.now) }
}
const at = (rule: string, shape: Shape = {}) => whenTaken(finishLadder, rule, parked(shape))
const blue = ['old-1', 'old-2', 'old-3']

/** Another hand put `night` back on the parked group, from a list of its own. */
function recreated(): World {
  const world = at('endParked', { scaling: blueScaling })
  const scaling = world.scaling && { ...world.scaling, old: { ...noScaling, actions: [night] } }
  return { ...world, scaling }
}

const rows: Row[] = [
  [
    'refuseServing',
    withInstance(parked(), 'old', 'old-1', { lifecycle: 'InService' }),
    { kind: 'settle', stage: 'held', failure: { code: 'both-serve' } },
  ],
  [
    'waitForServing',
    {
      ...parked(),
      trafficSources: parked().trafficSources.map((target) => ({ ...target, health: new Map() })),
    },
    { kind: 'wait', instances: ['web-green#1', 'web-green#2', 'web-green#3'] },
  ],
  [
    'tagLikeServing',
    parked(),
    {
      kind: 'tag',
      group: 'web-blue',
      set: {
        'switchover:version': 'v2',
        'switchover:digest': parked().new.tags['switchover:digest'],
        'switchover:bundle': 'bbbbbbbbbbbb',
      },
      remove: ['switchover:deployment'],
    },
  ],
  ['removeTwins', recreated(), { kind: 'delete-actions', group: 'web-blue', actions: ['night'] }],
  [
    'zeroOld',
    withGroup(at('endParked'), 'old', { min: 1, desired: 1 }),
    { kind: 'size', group: 'web-blue', min: 0, desired: 0 },
  ],
  [
    'waitOutDrain',
    withInstance(at('endParked'), 'old', 'old-2', { lifecycle: 'EnteringStandby' }),
    { kind: 'wait', instances: ['old-2'] },
  ],
  ['endParked', at('endParked'), { kind: 'detach', group: 'web-blue', instances: blue }],
  ['terminateDetached', at('terminateDetached'), { kind: 'terminate', instances: blue }],
  ['waitTerminated', at('waitTerminated'), { kind: 'wait', instances: blue }],
  [
    'waitOldGone',
    withGroup(at('resumeOld'), 'old', { instances: [instance('late', 'Terminating')] }),
    { kind: 'wait', instances: ['late'] },
  ],
  [
    'resumeOld',
    at('resumeOld', { suspended: ['ScheduledActions'] }),
    { kind: 'resume', group: 'web-blue', processes: ['AlarmNotification', 'AZRebalance'] },
  ],
  ['end', at('end'), { kind: 'end', outcome: 'finished', ended: blue, kept: [] }],
]

testRows(finishLadder, rows)

test('leaves the old group empty at 0 and the new one untouched', () => {
  const before = parked({ suspended: ['AZRebalance'] })
  const { world } = run(before)
  expect(world.new).toEqual(before.new)
  expect(world.old).toMatchObject({ min: 0, max: 6, desired: 0, instances: [], suspended: ['AZRebalance'] })
  expect(blue.map((id) => world.machines.get(id))).toEqual(['terminated', 'terminated', 'terminated'])
})

test('detaches all before it terminates any, as many a step as one look is good for', () => {
  const { steps } = run(parked({ live: 240, max: 250 }))
  const ending = steps.flatMap((step) =>
    step.kind === 'detach' || step.kind === 'terminate' ? [[step.kind, step.instances.length]] : [],
  )
  expect(ending).toEqual([
    ['detach', 95],
    ['detach', 95],
    ['detach', 50],
    ['terminate', 200],
    ['terminate', 40],
  ])
})

test('a parked instance that is terminated already is detached all the same', () => {
  const { world, steps } = run(withMachine(parked(), 'old-2', 'terminated'))
  expect(world.old.instances).toEqual([])
  expect(steps).toContainEqual(expect.objectContaining({ kind: 'terminate', instances: ['old-1', 'old-3'] }))
})

test('protected instances lose their protection first, and the record says so', () => {
  const { world, steps } = run(withInstance(parked(), 'old', 'old-3', { protected: true }))
  expect(steps.map((step) => step.kind).filter((kind) => kind === 'unprotect' || kind === 'detach')).toEqual([
    'unprotect',
    'detach',
  ])
  expect(world.deployment.unprotected).toEqual(['old-3'])
})

test('nothing more is terminated while EC2 has not answered for it', () => {
  const world = at('terminateDetached')
  const machines = new Map([...world.machines].filter(([id]) => id !== 'old-1'))
  expect(decide({ ...world, machines })).toMatchObject({ kind: 'terminate', instances: ['old-2', 'old-3'] })
})

test('the parked fleet stays while it is the only way back, and a person hears of it', () => {
  const world = {
    ...parked(),
    trafficSources: parked().trafficSources.map((target) => ({ ...target, health: new Map() })),
  }
  const late = { ...world, now: world.now + 1_800_000 + 5_000 }
  expect(decide(late)).toMatchObject({ kind: 'settle', stage: 'held', failure: { code: 'stuck' } })
})

test('nothing is terminated while it is still leaving its group', () => {
  const world = at('endParked')
  const deployment = { ...world.deployment, ending: ['old-1', 'old-2', 'old-3'] }
  const leaving = withGroup({ ...world, deployment }, 'old', {
    instances: world.old.instances.map((one) => ({ ...one, lifecycle: 'Detaching' })),
  })
  expect(decide(leaving)).toMatchObject({ kind: 'wait', instances: ['old-1', 'old-2', 'old-3'] })
})

test('what has begun to end is ended, for there is no way back to it', () => {
  const world = at('terminateDetached')
  const trafficSources = world.trafficSources.map((target) => ({ ...target, health: new Map() }))
  expect(decide({ ...world, trafficSources })).toMatchObject({ kind: 'terminate' })
})

test('what is left of the parked fleet stays while the new group has no healthy instance', () => {
  const begun = run(parked({ live: 120, max: 130 }), (world) => world.old.instances.length === 25).world
  const ill = begun.trafficSources.map((target) => ({ ...target, health: new Map() }))
  expect(ruleTaken(finishLadder, { ...begun, trafficSources: ill })).toBe('waitForServing')
})
