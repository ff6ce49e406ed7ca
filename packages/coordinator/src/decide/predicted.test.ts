import { expect, test } from 'vitest'
import { beforeDeploy, run } from './fixture.ts'
import { predicted } from './predicted.ts'
import { turnTo } from './start.ts'
import type { World } from './world.ts'

const pollMs = 1_000

function measured(world: World): World {
  const durations = {
    boot: { launchMs: 15_000, readyMs: 40_000, measuredOn: 'i-1' },
    checks: [
      { name: 'web', oneIsEnough: true, intervalMs: 10_000, healthyThreshold: 3, unhealthyThreshold: 2 },
    ],
  }
  return { ...world, deployment: { ...world.deployment, durations } }
}

test('is counted from the beginning of the goal', () => {
  const world = measured(beforeDeploy())
  const later = { ...world, now: world.now + 60_000 }
  const first = predicted(world, pollMs)
  expect(first?.switchedMs).toBeGreaterThan(60_000)
  expect(predicted(later, pollMs)).toEqual({
    switchedMs: (first?.switchedMs ?? 0) + 60_000,
    endedMs: (first?.endedMs ?? 0) + 60_000,
  })
})

test('a goal that turns has none until it is foretold anew', () => {
  const world = measured(beforeDeploy())
  const deployment = { ...world.deployment, predicted: predicted(world, pollMs) }
  expect(turnTo(deployment, 'deploy', world.now).predicted).toEqual(deployment.predicted)
  expect(turnTo(deployment, 'rollback', world.now).predicted).toBeNull()
})

test('there is none where nothing was measured, or no end is found', () => {
  expect(predicted(beforeDeploy(), pollMs)).toBeNull()
  const silent = measured({
    ...beforeDeploy({ flags: { alarms: ['web-5xx'], bakeMs: 5_000 } }),
    alarms: new Map(),
  })
  expect(predicted(silent, pollMs)).toBeNull()
})

test('finish moves no traffic', () => {
  const { world } = run(measured(beforeDeploy()))
  const finishing = { ...world, deployment: turnTo(world.deployment, 'finish', world.now) }
  expect(predicted(finishing, pollMs)?.switchedMs).toBeNull()
})

test('neither does a way back before anything was parked', () => {
  const world = measured(beforeDeploy())
  const back = { ...world, deployment: turnTo(world.deployment, 'rollback', world.now) }
  expect(predicted(back, pollMs)).toMatchObject({ switchedMs: null, endedMs: expect.any(Number) })
})
