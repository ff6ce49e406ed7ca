import { expect, test } from 'vitest'
import { decide } from './decide.ts'
import type { Shape } from './fixture.ts'
import { beforeDeploy, run, whenStep, whenTaken, withReport } from './fixture.ts'
import { deployLadder } from './deploy.ts'
import { withGroup, withHealth, withMachine } from './model-group.ts'
import type { LaunchFailure, World } from './world.ts'

const waiting = (shape: Shape = {}) => whenTaken(deployLadder, 'waitUntilReady', beforeDeploy(shape))
const ill = { state: 'unhealthy', reason: 'Target.Timeout' }

const fails = (world: World, ...kinds: LaunchFailure['kind'][]): World => ({
  ...world,
  launchFailures: kinds.map((kind, n) => ({ at: world.now + n, kind, sentence: `AWS says ${kind}.` })),
})
const short = (world: World) => withGroup(world, 'new', { instances: [] })
const replaced = (world: World, n: number): World => ({
  ...world,
  replacements: Array.from({ length: n }, (_, i) => ({
    at: world.now,
    instance: `gone-${i}`,
    cause: 'an ELB system health check failure.',
  })),
})
const late = (world: World): World => ({ ...world, now: world.now + 1_800_000 })
const failed = (world: World, id = 'web-green#1') => withReport(world, id, { phase: 'failed', reason: null })

/** Mid-switch: the old fleet drains, and one new instance has stopped answering. */
const switched = withHealth(whenTaken(deployLadder, 'waitOutDrain', beforeDeploy()), 'web-green#1', ill)

const rows: [name: string, world: World, code: string | null][] = [
  ['an agent that gave up without a reason', failed(waiting()), 'agent-failed'],
  ['a launch refused for good', short(fails(waiting(), 'permanent')), 'launch-refused'],
  ['a launch refused once that has healed', fails(waiting(), 'permanent'), null],
  ['no capacity once', short(fails(waiting(), 'capacity')), null],
  ['no capacity twice in a row', short(fails(waiting(), 'capacity', 'capacity')), 'no-capacity'],
  [
    'no capacity twice, with a launch under way that can still succeed',
    withGroup(fails(waiting(), 'capacity', 'capacity'), 'new', {
      instances: waiting().new.instances.slice(0, 1),
    }),
    null,
  ],
  ['one replacement', replaced(waiting(), 1), null],
  ['one replacement whose agent gave up', failed(replaced(waiting(), 1), 'gone-0'), 'agent-failed'],
  ['two replacements', replaced(waiting(), 2), 'replacements'],
  ['four replacements of forty', replaced(waiting({ live: 40 }), 4), null],
  ['five replacements of forty', replaced(waiting({ live: 40 }), 5), 'replacements'],
  ['what happened before this goal began', before(short(fails(waiting(), 'permanent'))), null],
  ['the time is over', late(waiting()), 'timeout'],
  ['a replacement after the switch, with enough others', failed(healed(switched)), null],
  ['a failure after the switch that leaves too few', failed(switched), 'agent-failed'],
  ['time over after the switch, with enough', late(healed(switched)), null],
  ['time over after the switch, with too few', late(switched), 'timeout'],
]

function healed(world: World): World {
  return withHealth(world, 'web-green#1', { state: 'healthy', reason: null })
}
function before(world: World): World {
  const { deployment } = world
  return {
    ...world,
    deployment: { ...deployment, marks: { ...deployment.marks, begunAt: world.now + 60_000 } },
  }
}

/** The failed report of an instance that counts takes it out of the count; here another one stands in for it. */
function enough(world: World): World {
  return { ...world, deployment: { ...world.deployment, required: 2 } }
}

test.each(rows)('%s', (name, world, code) => {
  const step = decide(name.includes('enough others') ? enough(world) : world)
  if (code === null) expect(['turn-back', 'settle']).not.toContain(step.kind)
  else expect(step).toMatchObject({ kind: 'turn-back', failure: { code } })
})

test('a failed deploy goes all the way back by itself', () => {
  const { world, last } = run(failed(waiting()))
  expect(last).toMatchObject({ kind: 'end', outcome: 'failed' })
  expect(world.old.instances).toEqual(beforeDeploy().old.instances)
  expect(world.new.instances).toEqual([])
})

test('under --on-failure hold a person looks first', () => {
  const world = failed(waiting({ flags: { onFailure: 'hold' } }))
  const { world: after, last } = run(world)
  expect(last).toMatchObject({ kind: 'settle', stage: 'held', failure: { code: 'agent-failed' } })
  expect(after.deployment).toMatchObject({ goal: 'deploy', stage: 'held', failure: { code: 'agent-failed' } })
  expect(after.new.instances).toEqual(world.new.instances)
})

test('after the switch there is no going back to a fleet that is gone', () => {
  let world = failed(switched)
  for (const id of ['old-1', 'old-2', 'old-3']) world = withMachine(world, id, 'terminated')
  expect(decide(world)).toMatchObject({ kind: 'settle', stage: 'held' })
  const one = withMachine(failed(switched), 'old-1', 'terminated')
  expect(decide(one)).toMatchObject({ kind: 'settle', stage: 'held' })
  const worse = withHealth(one, 'web-green#2', ill)
  expect(decide(worse)).toMatchObject({ kind: 'turn-back' })
})

test('a new group that was let go may scale in without failing', () => {
  const world = withGroup(whenStep('settle', beforeDeploy()), 'new', { desired: 2 })
  const fewer = withGroup(world, 'new', { instances: world.new.instances.slice(0, 2) })
  expect(decide(late(fewer))).toMatchObject({ kind: 'settle', stage: 'parked' })
})
