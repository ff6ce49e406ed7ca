import { expect, test } from 'vitest'
import { decide } from './decide.ts'
import { deployLadder } from './deploy.ts'
import { beforeDeploy, run, whenTaken, type Shape } from './fixture.ts'
import { withGroup } from './model-group.ts'
import { pollAfter } from './pace.ts'
import type { StepOf } from './step.ts'
import type { World } from './world.ts'

const pollMs = 1_000

const at = (rule: string, shape: Shape = {}) => whenTaken(deployLadder, rule, beforeDeploy(shape))

function wait(world: World): StepOf<'wait'> {
  const step = decide(world)
  if (step.kind !== 'wait') throw new Error(`It is ${step.kind}, not a wait.`)
  return step
}

const pause = (world: World, waits = 20) => pollAfter(world, wait(world), waits, pollMs)

const withDrain = (world: World, ms: number): World => ({
  ...world,
  trafficSources: world.trafficSources.map((one) => ({ ...one, deregistrationDelay: ms })),
})

const all = (world: World, side: 'old' | 'new', lifecycle: string) =>
  withGroup(world, side, { instances: world[side].instances.map((one) => ({ ...one, lifecycle })) })

test('what a change sets going is looked at soon, then less and less often', () => {
  const world = all(at('waitUntilReady'), 'new', 'InService')
  expect([0, 1, 2, 3, 4].map((waits) => pause(world, waits))).toEqual([125, 250, 500, 1_000, 1_000])
})

test('launching instances are looked at every third poll: a health check is still before them', () => {
  expect(pause(all(at('waitUntilReady'), 'new', 'Pending:Wait'))).toBe(3_000)
})

test('launching instances that are released together are looked at every poll: their reports decide', () => {
  const world = at('waitUntilReady', { flags: { release: 'together' } })
  expect(pause(all(world, 'new', 'Pending:Wait'))).toBe(1_000)
})

test('once as many as required are in service every poll counts', () => {
  expect(pause(all(at('waitUntilReady'), 'new', 'InService'))).toBe(1_000)
})

test('a drain is looked at ever more often towards its known end', () => {
  const world = withDrain(at('waitOutDrain'), 300_000)
  const begun = world.deployment.marks.switchedAt ?? 0
  const after = (ms: number) => pause({ ...world, now: begun + ms })
  expect([0, 100_000, 200_000, 260_000, 290_000, 300_000, 400_000].map(after)).toEqual([
    10_000, 10_000, 5_000, 2_000, 1_000, 1_000, 1_000,
  ])
})

test('a bake is looked at every fifth poll, and not past its end', () => {
  const world = at('waitOutBake', { flags: { bakeMs: 600_000 } })
  const until = wait(world).until ?? 0
  const before = (ms: number) => pause({ ...world, now: until - ms })
  expect([600_000, 60_000, 3_000, 200].map(before)).toEqual([5_000, 5_000, 3_000, 1_000])
})

test('no wait of a whole deployment and rollback is longer than ten polls', () => {
  for (const goal of ['deploy', 'rollback'] as const) {
    const start = beforeDeploy({ slowStart: 60_000 })
    run(withDrain({ ...start, deployment: { ...start.deployment, goal } }, 3_600_000), (world, step) => {
      if (step.kind === 'wait') expect(pollAfter(world, step, 20, pollMs)).toBeLessThanOrEqual(10_000)
      return false
    })
  }
})
