import { expect, test } from 'vitest'
import { deployLadder } from './deploy.ts'
import { beforeDeploy, run, whenTaken } from './fixture.ts'
import type { Shape } from './fixture.ts'
import type { Durations } from './durations.ts'
import { predictTimes } from './predict-time.ts'
import { foretell } from './predict.ts'
import { turnTo } from './start.ts'

const hooks = { launching: ['boot'], terminating: [] }
const durations: Durations = {
  boot: { launchMs: 15_000, readyMs: 40_000, measuredOn: 'i-1' },
  checks: [
    { name: 'web', oneIsEnough: true, intervalMs: 10_000, healthyThreshold: 3, unhealthyThreshold: 2 },
  ],
  pollMs: 4_000,
}
const bakeMs = 600_000

const of = (shape: Shape) => predictTimes(foretell(beforeDeploy(shape)), durations)
const total = (parts: readonly { ms: number }[]) => parts.reduce((sum, { ms }) => sum + ms, 0)
const part = (parts: readonly { what: string; ms: number }[], what: RegExp) =>
  parts.filter((one) => what.test(one.what)).map(({ ms }) => ms)

test.each<[string, Shape, RegExp, number[]]>([
  ['the launch, and Auto Scaling’s reaction to it', {}, /EC2 launches/, [20_000]],
  ['the boot, as measured', {}, /boot.*as i-1 took/, [40_000]],
  ['a threshold of checks after a boot that was found unhealthy', {}, /health check/, [25_000]],
  ['one check behind a launch hook', { hooks }, /health check/, [5_000]],
  ['registration behind a launch hook', { hooks }, /registration/, [2_000]],
  ['slow start', { slowStart: 30_000 }, /slow start/, [30_000]],
  ['half a look for each wait that is looked at', { slowStart: 30_000 }, /next look/, [2_000, 2_000]],
])('until traffic moves: %s', (_, shape, what, ms) => {
  expect(part(of(shape).switched, what)).toEqual(ms)
})

test.each<[string, Shape, RegExp, number[]]>([
  ['the drain', {}, /drain/, [5_000]],
  ['the bake', { flags: { bakeMs } }, /bake/, [bakeMs]],
  [
    'what is watched, and the end of the parked fleet',
    { flags: { finishAfterMs: 60_000 } },
    /finish|termination/,
    [60_000, 30_000],
  ],
])('after it: %s', (_, shape, what, ms) => {
  expect(part(of(shape).ended, what)).toEqual(ms)
})

test('the moments are the sums of their parts', () => {
  const { switched, ended, switchedMs, endedMs } = of({ slowStart: 30_000, flags: { bakeMs } })
  expect([switchedMs, endedMs]).toEqual([total(switched), total(switched) + total(ended)])
})

test('a canary moves no traffic', () => {
  const { switchedMs, switched, endedMs } = of({ live: 4, flags: { canary: 1 } })
  expect([switchedMs, switched]).toEqual([null, []])
  expect(endedMs).toBeGreaterThan(80_000)
})

test('more than 19 instances are parked in more steps', () => {
  const [few = 0, many = 0] = [10, 40].flatMap((live) =>
    part(of({ live, max: live }).switched, /steps of the coordinator/),
  )
  expect(many - few).toBe(2 * 400)
})

test('a finish waits for terminations', () => {
  const { world } = run(beforeDeploy())
  const finishing = { ...world, deployment: turnTo(world.deployment, 'finish', world.now) }
  expect(part(predictTimes(foretell(finishing), durations).ended, /termination/)).toEqual([30_000])
})

test('a rollback during the drain waits for what is left of it, and for nothing to end', () => {
  const world = whenTaken(deployLadder, 'waitOutDrain', beforeDeploy())
  const now = world.now + 2_000
  const back = { ...world, now, deployment: turnTo(world.deployment, 'rollback', now) }
  const { switched } = predictTimes(foretell(back), durations)
  expect(part(switched, /drain|termination/)).toEqual([3_000])
})

test('a rollback that keeps all waits for their drain, and for nothing to end', () => {
  const { world } = run(beforeDeploy())
  const deployment = { ...turnTo(world.deployment, 'rollback', world.now), back: { keep: 3, floor: 100 } }
  const { ended } = predictTimes(foretell({ ...world, deployment }), durations)
  expect(part(ended, /drain|termination/)).toEqual([5_000])
})

test('a rollback waits for one health check of what runs already, then for the drain and the end of the others', () => {
  const { world } = run(beforeDeploy())
  const back = { ...world, deployment: turnTo(world.deployment, 'rollback', world.now) }
  const { switched, ended } = predictTimes(foretell(back), durations)
  expect(part(switched, /health check|launches|boot/)).toEqual([5_000])
  expect(part(ended, /drain|termination/)).toEqual([5_000, 30_000])
})
