import { CreateAutoScalingGroupCommand, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling'
import { CreateLaunchTemplateCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import type { Goal } from '@switchover/contract/deployment'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAccount, type Account } from '../../test/support/account.ts'
import { goodMachines } from '../../test/support/web-service.ts'
import { noHooks } from '../aws/groups.ts'
import type { Group } from '../decide/world.ts'
import { readSetbacks } from './activities.ts'
import { MachineReader, machinesToAsk, readMachines } from './machines.ts'

/** More than a filter takes, or a page holds. */
const size = 210
let account: Account
let operations: string[]

beforeAll(async () => {
  account = await createAccount({ machines: () => goodMachines })
  const { clients } = account
  const { LaunchTemplate } = await clients.ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: 'web',
      LaunchTemplateData: { ImageId: 'ami-0c0ffee0000000864', InstanceType: 't3.small' },
    }),
  )
  await clients.autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: 'web',
      LaunchTemplate: { LaunchTemplateId: LaunchTemplate?.LaunchTemplateId, Version: '$Latest' },
      MinSize: size,
      MaxSize: size,
      DesiredCapacity: size,
      AvailabilityZones: ['us-east-1a'],
    }),
  )
  await account.time.advance(120_000)
})

beforeEach(() => {
  operations = []
  account.intercept = async ({ operation }, proceed) => {
    operations.push(operation)
    return proceed()
  }
})

async function members(): Promise<string[]> {
  const { AutoScalingGroups = [] } = await account.clients.autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['web'] }),
  )
  operations = []
  return (AutoScalingGroups[0]?.Instances ?? []).map(({ InstanceId }) => InstanceId ?? '')
}

test('machines are asked about by filter, 200 ids a call, and one that EC2 does not know is missing', async () => {
  const ids = await members()
  const found = await readMachines(account.clients, new Set([...ids, 'i-0123456789abcdef0']))
  expect(new Set(ids.map((id) => found.get(id)))).toEqual(new Set(['running']))
  expect(found.get('i-0123456789abcdef0')).toBe('missing')
  expect(operations).toEqual(['DescribeInstances', 'DescribeInstances'])
})

test('machines are asked about again once the answer is too old, and never again once terminated', async () => {
  const [id = '', ended = ''] = await members()
  const reader = new MachineReader(account.clients)
  const read = (now: number) => reader.read(new Map([id, ended].map((one) => [one, 15_000])), now)
  await read(0)
  await account.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [ended] }))
  await account.time.advance(60_000)
  operations = []
  expect((await read(14_999)).get(ended)).toBe('running')
  expect(operations).toEqual([])
  expect((await read(15_000)).get(ended)).toBe('terminated')
  expect(operations).toEqual(['DescribeInstances'])
  await reader.read(new Map([[ended, 0]]), 20_000)
  expect(operations).toEqual(['DescribeInstances'])
})

test('activities since the beginning are read to the last page, and none from before', async () => {
  const since = account.time.now()
  const victims = (await members()).slice(0, 105)
  await account.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: victims }))
  await account.time.advance(120_000)
  operations = []
  const { replacements } = await readSetbacks(account.clients, 'web', since)
  expect(replacements.map(({ instance }) => instance).toSorted()).toEqual(victims.toSorted())
  // Terminations and the launches that make up for them, 100 a page.
  expect(operations).toHaveLength(3)
  operations = []
  expect(await readSetbacks(account.clients, 'web', account.time.now())).toEqual({
    launchFailures: [],
    replacements: [],
    launchedAt: new Map(),
  })
  expect(operations).toHaveLength(1)
})

describe('which machines are asked about', () => {
  const group: Group = {
    name: 'old',
    min: 0,
    max: 9,
    desired: 0,
    suspended: [],
    tags: {},
    instances: ['InService', 'EnteringStandby', 'Standby', 'Detaching'].map((lifecycle) => ({
      id: lifecycle,
      lifecycle,
      healthy: true,
      protected: false,
    })),
    hooks: noHooks,
  }
  const of = (goal: Goal, parked: string[] = []) =>
    Object.fromEntries(machinesToAsk([group], { goal, parked, ending: ['gone'] }))

  test('a deploy asks rarely about all that have arrived in Standby, or end', () => {
    expect(of('deploy')).toEqual({ Standby: 15_000, Detaching: 15_000, gone: 15_000 })
  })

  test('a rollback asks rarely about those who come back, and each time about those that end', () => {
    expect(of('rollback')).toEqual({ EnteringStandby: 15_000, Standby: 15_000, Detaching: 0, gone: 0 })
  })

  test('a finish asks about those that end, rarely until the last parked one is detached', () => {
    expect(of('finish', ['Standby'])).toEqual({ Detaching: 15_000, gone: 15_000 })
    expect(of('finish', ['gone'])).toEqual({ Detaching: 0, gone: 0 })
  })
})
