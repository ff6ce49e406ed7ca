import {
  DescribeAutoScalingGroupsCommand,
  PutLifecycleHookCommand,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling'
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import { virtualMachines, type VirtualOptions } from '@switchover/local-aws/instances/virtual'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { deploy } from '../src/commands/deploy.ts'
import { rollback } from '../src/commands/rollback.ts'
import type { DeployOptions } from '../src/commands/options.ts'
import type { Release } from '@switchover/contract/tags'
import { createAccount, portsOf, type Account } from './support/account.ts'
import { common, v2 } from './support/options.ts'
import { fillWithWebService, groupNames } from './support/web-service.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let account: Account

async function createFleet(machines: Partial<VirtualOptions> = {}): Promise<void> {
  account = await createAccount({ machines: (cloud) => virtualMachines(cloud, machines) })
  await fillWithWebService(account)
  for (const AutoScalingGroupName of groupNames)
    await account.clients.autoScaling.send(
      new PutLifecycleHookCommand({
        AutoScalingGroupName,
        LifecycleHookName: 'boot',
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
      }),
    )
  await account.time.advance(120_000)
}

beforeEach(async () => {
  await createFleet()
})

const wish = (release: Release): DeployOptions => ({ ...v2, digest: true, release })

async function instances(name: string) {
  const { AutoScalingGroups = [] } = await account.clients.autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  )
  return AutoScalingGroups[0]?.Instances ?? []
}

/** Counts the seconds in which the load balancer sends requests to instances of both groups. */
function watchMixing(): { seconds: number } {
  const mixing = { seconds: 0 }
  const { cloud, time } = account
  const tick = () => {
    time.after(1_000, tick)
    const serving = [...cloud.loadBalancing.targetGroups.keys()].flatMap((arn) =>
      cloud.loadBalancing.eligible(arn),
    )
    const groups = new Set(serving.map(({ instanceId }) => cloud.autoScaling.find(instanceId)?.group.name))
    if (groups.size > 1) mixing.seconds += 1
  }
  tick()
  return mixing
}

/** One new instance is lost as it boots, so that its replacement is ready much later than its neighbour. */
async function deployStaggered(release: Release): Promise<number> {
  const mixing = watchMixing()
  const ports = portsOf(account, 'a')
  const work = deploy(ports, wish(release))
  await account.time.runUntil(() => ports.events.some(({ event }) => event === 'wait'), 600_000)
  await account.time.advance(26_000)
  const [lost] = await instances('web-green')
  await account.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [lost?.InstanceId ?? ''] }))
  expect(await account.run(work)).toMatchObject({ outcome: 'done', exitCode: 0 })
  return mixing.seconds
}

describe('--release together', () => {
  test('lets the new instances in at once: two versions serve together only for seconds', async () => {
    const together = await deployStaggered('together')
    expect(together).toBeGreaterThan(0)
    expect(together).toBeLessThanOrEqual(5)
  })

  test('unlike each, where the first waits for the last behind the load balancer', async () => {
    expect(await deployStaggered('each')).toBeGreaterThanOrEqual(20)
  })

  test('leaves a scale-out after the switch to the agents', async () => {
    await account.run(deploy(portsOf(account, 'a'), wish('together')))
    await account.clients.autoScaling.send(
      new SetDesiredCapacityCommand({ AutoScalingGroupName: 'web-green', DesiredCapacity: 3 }),
    )
    await account.time.advance(120_000)
    const states = (await instances('web-green')).map(({ LifecycleState }) => LifecycleState)
    expect(states).toEqual(['InService', 'InService', 'InService'])
  })

  test('of a version that fails lets nothing in, and ends what waits in its hook', async () => {
    await createFleet({ versions: { v2: { failsFor: 'The image is broken.' } } })
    const mixing = watchMixing()
    const result = await account.run(deploy(portsOf(account, 'a'), wish('together')))
    expect(result).toMatchObject({
      outcome: 'failed',
      exitCode: 1,
      text: expect.stringContaining('The image is broken.'),
    })
    expect([mixing.seconds, await instances('web-green')]).toEqual([0, []])
    expect((await instances('web-blue')).map(({ LifecycleState }) => LifecycleState)).toEqual([
      'InService',
      'InService',
    ])
  })

  test('can be rolled back while the instances wait in their hook', async () => {
    const ports = portsOf(account, 'a')
    const work = deploy(ports, wish('together'))
    await account.time.runUntil(() => ports.events.some(({ event }) => event === 'wait'), 600_000)
    ports.stop.abort()
    await expect(account.run(work)).rejects.toMatchObject({ exitCode: 130 })
    await account.time.advance(60_000)
    const waiting = (await instances('web-green')).map(({ LifecycleState }) => LifecycleState)
    expect(waiting).toEqual(['Pending:Wait', 'Pending:Wait'])
    expect(await account.run(rollback(portsOf(account, 'b'), common))).toMatchObject({ exitCode: 0 })
    expect(await instances('web-green')).toEqual([])
  })
})
