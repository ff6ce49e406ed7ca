import { describe, expect, test } from 'vitest'
import { assumedBoot, healthyAfter, measuredBoot, type HealthCheck } from './durations.ts'

const alb: HealthCheck = {
  name: 'web',
  oneIsEnough: true,
  intervalMs: 10_000,
  healthyThreshold: 5,
  unhealthyThreshold: 2,
}
const nlb = { ...alb, oneIsEnough: false }

describe('from registration to healthy', () => {
  test.each([
    ['an instance that is ready: one good check of an Application Load Balancer', alb, 0, 5_000],
    ['ready before it is unhealthy: one good check still', alb, 15_000, 20_000],
    ['ready after it was found unhealthy: the healthy threshold', alb, 20_000, 65_000],
    ['a Network Load Balancer always wants its threshold', nlb, 0, 45_000],
  ])('%s', (_, check, readyMs, ms) => {
    expect(healthyAfter(check, readyMs)).toBe(ms)
  })
})

describe('a measured boot', () => {
  const began = 1_000_000
  const timings = { booting: 10_000, pulling: 20_000, verifying: 1_000, ready: 600_000 }
  /** Of an agent that began 12 s after its launch. */
  const report = { instanceId: 'i-1', timings, writtenAt: began + 12_000 + 631_000 }
  const launched = new Map([
    ['i-1', began],
    ['i-2', began],
  ])

  test.each([
    [
      'is what the agent took, after what EC2 took',
      [report],
      launched,
      { launchMs: 12_000, readyMs: 31_000 },
    ],
    [
      'is the slowest of the fleet',
      [report, { ...report, instanceId: 'i-2', timings: { ...timings, pulling: 50_000 } }],
      new Map([['i-1', began]]),
      { readyMs: 61_000, measuredOn: 'i-2' },
    ],
    [
      'assumes the launch of an agent that was started anew',
      [{ ...report, writtenAt: report.writtenAt + 3_600_000 }],
      launched,
      { launchMs: assumedBoot.launchMs, readyMs: 31_000 },
    ],
    [
      'assumes the launch of an instance that EC2 does not tell',
      [report],
      new Map(),
      { launchMs: assumedBoot.launchMs },
    ],
    ['needs one that became ready', [{ ...report, timings: { booting: 5_000 } }], launched, assumedBoot],
    ['is assumed where nothing reports', [], launched, assumedBoot],
  ])('%s', (_, reports, launchedAt, boot) => {
    expect(measuredBoot(reports, launchedAt)).toMatchObject(boot)
  })
})
