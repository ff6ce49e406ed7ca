import {
  DescribePoliciesCommand,
  DescribeScheduledActionsCommand,
  PutScalingPolicyCommand,
  PutScheduledUpdateGroupActionCommand,
} from '@aws-sdk/client-auto-scaling'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as account from '@switchover/rehearsal/account'
import { openContainerScene, type ContainerScene } from '@switchover/rehearsal/container-scene'
import { createNarrator } from '@switchover/rehearsal/narrator'
import { prepare, type Stage } from '@switchover/rehearsal/prepare'
import { switchover } from '@switchover/rehearsal/switchover-cli'
import { startTraffic, type Traffic } from '@switchover/rehearsal/traffic'

/**
 * What the coordinator can do beyond the rehearsal, once on real machines under steady traffic. Each test goes on from
 * where the one before it ended.
 */

const [blue, green] = account.groupNames
const { signal } = new AbortController()
let scene: ContainerScene
let stage: Stage
let traffic: Traffic
/** Instance ids of the live fleet before anything began. */
let first: string[]

beforeAll(async () => {
  const narrator = createNarrator(
    (line) => process.stderr.write(`${line}\n`),
    () => performance.now(),
  )
  scene = await openContainerScene({ say: narrator.say, install: false, signal })
  stage = await prepare(scene, narrator, { instances: 2, signal })
  await stage.clients.autoScaling.send(
    new PutScalingPolicyCommand({
      AutoScalingGroupName: blue,
      PolicyName: 'cpu',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingConfiguration: {
        PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
        TargetValue: 50,
      },
    }),
  )
  await stage.clients.autoScaling.send(
    new PutScheduledUpdateGroupActionCommand({
      AutoScalingGroupName: blue,
      ScheduledActionName: 'new-year',
      Recurrence: '0 0 1 1 *',
      DesiredCapacity: 4,
    }),
  )
  first = Object.keys((await groups()).blue.instances).toSorted()
  traffic = startTraffic(stage.url, 50, 900_000)
})

afterAll(async () => {
  await traffic?.stop()
  await scene?.close()
})

test('a canary serves beside the whole live group, which nothing touches', async () => {
  const before = (await groups()).blue
  expect(await command('deploy', 'web', 'v2', '--canary', '1')).toBe(0)
  const { blue: live, green: canary } = await groups()
  expect(live).toEqual(before)
  expect(Object.values(canary.instances)).toEqual(['InService'])
  expect(await scaling()).toEqual({ [blue]: ['cpu', 'new-year'], [green]: [] })
})

test('promoted, it becomes the whole deployment, and policies and schedules go with the traffic', async () => {
  const [canary] = Object.keys((await groups()).green.instances)
  expect(await command('promote', 'web')).toBe(0)
  const { blue: parked, green: serving } = await groups()
  expect(Object.values(serving.instances)).toEqual(['InService', 'InService'])
  expect(Object.keys(serving.instances)).toContain(canary)
  expect(Object.values(parked.instances)).toEqual(['Standby', 'Standby'])
  expect(await scaling()).toEqual({ [blue]: [], [green]: ['cpu', 'new-year'] })
})

test('rolled back with --keep, the same machines serve again and one new one is kept', async () => {
  expect(await command('rollback', 'web', '--keep', '1')).toBe(0)
  const { blue: back, green: kept } = await groups()
  expect(Object.keys(back.instances).toSorted()).toEqual(first)
  expect(Object.values(back.instances)).toEqual(['InService', 'InService'])
  expect(Object.values(kept.instances)).toEqual(['Standby'])
  expect(await scaling()).toEqual({ [blue]: ['cpu', 'new-year'], [green]: [] })
})

test('finish ends what was kept, and not one request has failed', async () => {
  expect(await command('finish', 'web')).toBe(0)
  expect((await groups()).green).toMatchObject({ min: 0, desired: 0, instances: {} })
  const { failures, failed, byVersion } = await traffic.stop()
  expect(failures).toEqual([])
  expect({ failed, answeredBy: Object.keys(byVersion).toSorted() }).toEqual({
    failed: 0,
    answeredBy: ['v1', 'v2'],
  })
})

async function command(...args: string[]): Promise<number | null> {
  const { exitCode, stderr } = await switchover([...args, '--yes'], { env: stage.env, signal })
  if (exitCode !== 0) process.stderr.write(stderr)
  return exitCode
}

async function groups() {
  const [old, fresh] = await Promise.all([
    account.groupState(stage.clients, blue),
    account.groupState(stage.clients, green),
  ])
  return { blue: old, green: fresh }
}

/** Names of policies and scheduled actions by group. */
async function scaling(): Promise<Record<string, string[]>> {
  const { autoScaling } = stage.clients
  const of = async (AutoScalingGroupName: string): Promise<[string, string[]]> => {
    const { ScalingPolicies = [] } = await autoScaling.send(
      new DescribePoliciesCommand({ AutoScalingGroupName }),
    )
    const { ScheduledUpdateGroupActions = [] } = await autoScaling.send(
      new DescribeScheduledActionsCommand({ AutoScalingGroupName }),
    )
    return [
      AutoScalingGroupName,
      [
        ...ScalingPolicies.map(({ PolicyName = '' }) => PolicyName),
        ...ScheduledUpdateGroupActions.map(({ ScheduledActionName = '' }) => ScheduledActionName),
      ],
    ]
  }
  return Object.fromEntries(await Promise.all([of(blue), of(green)]))
}
