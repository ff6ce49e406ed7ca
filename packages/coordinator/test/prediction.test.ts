import { PutLifecycleHookCommand } from '@aws-sdk/client-auto-scaling'
import {
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { virtualMachines, type VirtualOptions } from '@switchover/local-aws/instances/virtual'
import { expect, test, vi } from 'vitest'
import { deploy } from '../src/commands/deploy.ts'
import type { DeployOptions } from '../src/commands/options.ts'
import type { Timeline } from '../src/decide/predict-time.ts'
import { createAccount, portsOf, type Account } from './support/account.ts'
import { v2 } from './support/options.ts'
import { fillWithWebService, groupNames } from './support/web-service.ts'

vi.setConfig({ testTimeout: 60_000 })

type Settings = Readonly<{
  machines: Partial<VirtualOptions>
  intervalSeconds: number
  threshold: number
  drainSeconds: number
  hooked: boolean
}>

async function createFleet(settings: Settings): Promise<Account> {
  const account = await createAccount({ machines: (cloud) => virtualMachines(cloud, settings.machines) })
  const { elb, autoScaling } = account.clients
  await fillWithWebService(account, async (TargetGroupArn) => {
    await elb.send(
      new ModifyTargetGroupCommand({
        TargetGroupArn,
        HealthCheckIntervalSeconds: settings.intervalSeconds,
        HealthCheckTimeoutSeconds: 2,
        HealthyThresholdCount: settings.threshold,
      }),
    )
    const Value = String(settings.drainSeconds)
    const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value }]
    await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }))
  })
  if (settings.hooked)
    for (const AutoScalingGroupName of groupNames)
      await autoScaling.send(
        new PutLifecycleHookCommand({
          AutoScalingGroupName,
          LifecycleHookName: 'boot',
          LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
        }),
      )
  await account.time.advance(600_000)
  return account
}

const quick: Settings = {
  machines: {},
  intervalSeconds: 5,
  threshold: 2,
  drainSeconds: 10,
  hooked: true,
}

const situations: [name: string, Settings][] = [
  ['a launch hook and short settings', quick],
  ['slow machines behind a launch hook', { ...quick, machines: { bootMs: 90_000, pullMs: 40_000 } }],
  ['no hook, so that a slow start costs the healthy threshold', { ...quick, hooked: false, threshold: 5 }],
  [
    'the defaults of AWS',
    {
      ...quick,
      hooked: false,
      intervalSeconds: 30,
      threshold: 5,
      drainSeconds: 300,
      machines: { bootMs: 60_000 },
    },
  ],
]

const wish: DeployOptions = { ...v2, digest: true }

/** Of the predicted time; what AWS does in the background varies by half, and looks come when they come. */
const tolerance = 0.25
const slackMs = 5_000

test.each(situations)('%s: predicted and real times agree', async (_, settings) => {
  const account = await createFleet(settings)
  const planned = await account.run(deploy(portsOf(account, 'a'), { ...wish, plan: true }))
  const timeline = planned.details['timeline'] as Timeline
  const real = await account.run(deploy(portsOf(account, 'a'), wish))
  expect(real).toMatchObject({ exitCode: 0 })
  expect(timeline.switched.some(({ what }) => /boot.*\(as i-[0-9a-f]+ took\)/.test(what))).toBe(true)
  for (const moment of ['switchedMs', 'endedMs'] as const) {
    const [predicted, took] = [timeline[moment] ?? 0, real.details[moment] as number]
    expect([moment, predicted, took, Math.abs(predicted - took) <= took * tolerance + slackMs]).toEqual([
      moment,
      predicted,
      took,
      true,
    ])
  }
})

test('the same world is foretold the same', async () => {
  const account = await createFleet(quick)
  const plan = async () => (await account.run(deploy(portsOf(account, 'a'), { ...wish, plan: true }))).details
  expect(await plan()).toEqual(await plan())
})
