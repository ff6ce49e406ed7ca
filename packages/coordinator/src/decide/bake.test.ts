import { describe, expect, test } from 'vitest'
import { decide } from './decide.ts'
import { deployLadder } from './deploy.ts'
import { alarmsOf, beforeDeploy, ruleTaken, run, whenStep, whenTaken, withReport } from './fixture.ts'
import type { Shape } from './fixture.ts'
import { apply } from './model.ts'
import { withGroup, withHealth, withMachine } from './model-group.ts'
import { turnTo } from './start.ts'
import type { World } from './world.ts'

const [bakeMs, finishAfterMs] = [600_000, 3_600_000]
const shape: Shape = { flags: { bakeMs, finishAfterMs, alarms: ['web-5xx'] }, alarms: { 'web-5xx': 'OK' } }
const at = (rule: string, more: Shape = shape) => whenTaken(deployLadder, rule, beforeDeploy(more))
const rung = (world: World): World => ({ ...world, alarms: alarmsOf({ 'web-5xx': 'ALARM' }) })
const ill = { state: 'unhealthy', reason: 'Target.Timeout' }

describe('an alarm that rings ends a deployment', () => {
  test.each([
    ['before a new instance is up', at('waitUntilReady')],
    ['while old instances drain', at('waitOutDrain')],
    ['in the bake', at('waitOutBake')],
    ['in the time before the finish', at('waitToFinish')],
  ])('%s', (_, world) => {
    const { world: after, steps, last } = run(rung(world))
    expect(steps[0]).toMatchObject({ kind: 'turn-back', failure: { code: 'alarm' } })
    expect(last).toMatchObject({ kind: 'end', outcome: 'failed' })
    expect(after.old.instances.map((one) => one.id)).toEqual(['old-1', 'old-2', 'old-3'])
    expect(after.old).toMatchObject({ min: 2, max: 6, desired: 3, suspended: [] })
    expect(after.new).toMatchObject({ min: 0, desired: 0, instances: [] })
  })

  test('though not where the fleet to go back to is gone', () => {
    let world = rung(at('waitOutBake'))
    for (const id of ['old-1', 'old-2']) world = withMachine(world, id, 'terminated')
    expect(decide(world)).toMatchObject({ kind: 'settle', stage: 'held', failure: { code: 'alarm' } })
  })

  test('and does not in a rollback or a finish', () => {
    const world = rung(at('waitOutBake'))
    const turned = { ...world, deployment: turnTo(world.deployment, 'finish', world.now) }
    expect(run(turned).last).toMatchObject({ kind: 'end', outcome: 'finished' })
  })
})

test.each(['OK', 'INSUFFICIENT_DATA'])('an alarm in state %s is fine', (state) => {
  expect(run(beforeDeploy({ ...shape, alarms: { 'web-5xx': state } })).last).toMatchObject({
    kind: 'end',
    outcome: 'finished',
  })
})

const silent = (world: World): World => ({ ...world, alarms: new Map() })

describe('CloudWatch gives no answer', () => {
  test('in the switch, which goes on', () => {
    expect(decide(silent(at('parkOldInstances')))).toMatchObject({ kind: 'enter-standby' })
  })

  test('at the end of the bake, which waits for it and hands over to a person in the end', () => {
    const world = silent({ ...at('beginFinish') })
    expect(decide(world)).toMatchObject({ kind: 'wait', waitingFor: expect.stringContaining('web-5xx') })
    expect(decide({ ...world, now: world.now + 1_800_000 + 5_000 })).toMatchObject({
      kind: 'settle',
      stage: 'held',
      failure: { code: 'stuck' },
    })
  })

  test('without a bake, which parks as ever', () => {
    const plain: Shape = { flags: { alarms: ['web-5xx'] }, alarms: { 'web-5xx': 'OK' } }
    expect(decide(silent(at('settle', plain)))).toMatchObject({ kind: 'settle', stage: 'parked' })
  })
})

describe('the new fleet is watched', () => {
  test('from when the old one is parked, for the bake and then until the finish', () => {
    const { world, steps, last } = run(beforeDeploy(shape))
    const kinds = steps.map((step) => step.kind)
    expect(kinds.indexOf('mark-bake')).toBeGreaterThan(kinds.indexOf('enter-standby'))
    expect(last).toMatchObject({ kind: 'end', outcome: 'finished' })
    const { now } = whenStep('begin-finish', beforeDeploy(shape))
    expect(now - (at('waitOutBake').deployment.marks.bakeAt ?? 0)).toBe(bakeMs + finishAfterMs)
    expect(world.old).toMatchObject({ min: 0, desired: 0, instances: [] })
    expect(world.old.tags['switchover:version']).toBe('v2')
  })

  test('and is left parked after a bake without --finish-after', () => {
    expect(run(beforeDeploy({ flags: { bakeMs } })).last).toMatchObject({ kind: 'settle', stage: 'parked' })
  })

  test('may scale in without failing', () => {
    const world = at('waitOutBake', { ...shape, live: 4 })
    const fewer = withGroup(world, 'new', { desired: 2, instances: world.new.instances.slice(0, 2) })
    expect(decide(fewer)).toMatchObject({ kind: 'wait' })
    expect(run(fewer).last).toMatchObject({ kind: 'end', outcome: 'finished' })
  })

  test('and fails when too many of it were replaced', () => {
    const world = at('waitOutBake')
    const replacements = ['a', 'b'].map((id) => ({
      at: world.now,
      instance: id,
      cause: 'it failed its health check.',
    }))
    expect(decide({ ...world, replacements })).toMatchObject({
      kind: 'turn-back',
      failure: { code: 'replacements' },
    })
  })

  test('and fails at once when one that is needed gives up', () => {
    const reason = { code: 'no-database', sentence: 'The app found no database.', kind: 'terminal' } as const
    const world = withReport(at('waitOutBake'), 'web-green#2', { phase: 'failed', reason })
    expect(decide(world)).toMatchObject({ kind: 'turn-back', failure: { code: 'no-database' } })
  })

  test('and does not finish while one that is needed is unhealthy, until its own time limit is over', () => {
    const sick = withHealth(at('waitToFinish'), 'web-green#2', ill)
    const noted = apply(sick, decide(sick))
    const due = { ...noted, now: noted.now + 1_700_000 }
    expect(decide(due)).toMatchObject({ kind: 'wait' })
    expect(decide({ ...due, now: noted.now + 1_800_000 })).toMatchObject({
      kind: 'turn-back',
      failure: { code: 'timeout' },
    })
  })
})

test('interrupted, it goes on with the time that remains', () => {
  const world = at('waitToFinish')
  const morning = { ...world, now: world.now + 3_000_000 }
  const resumed = { ...morning, deployment: turnTo(morning.deployment, 'deploy', morning.now) }
  expect(decide(resumed)).toMatchObject({
    kind: 'wait',
    until: (world.deployment.marks.bakeAt ?? 0) + bakeMs + finishAfterMs,
  })
})

/** What is waited for with so many milliseconds of the bake left. */
function said(left: number): string {
  const world = at('waitOutBake')
  const step = decide({ ...world, now: (world.deployment.marks.bakeAt ?? 0) + bakeMs - left })
  return step.kind === 'wait' ? step.waitingFor : step.kind
}

test('a long bake says something new every minute at most', () => {
  expect(said(359_000)).toBe('the end of the bake, 6m to go')
  expect(said(301_000)).toBe(said(359_000))
  expect(said(41_000)).toBe('the end of the bake, 50s to go')
})

test('a scheduled action that lowers sizes of the new group while it is watched is left alone', () => {
  const world = whenTaken(deployLadder, 'waitOutBake', beforeDeploy({ live: 5, min: 1, ...shape }))
  const night = withGroup(world, 'new', { min: 1, max: 2, desired: 2 })
  expect(ruleTaken(deployLadder, night)).toBe('waitOutBake')
})
