import {
  CreateAutoScalingGroupCommand,
  DescribeInstanceRefreshesCommand,
  DescribePoliciesCommand,
  DescribeScheduledActionsCommand,
  DescribeWarmPoolCommand,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling'
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import { describe, expect, test } from 'vitest'
import { AwsError } from '../src/wire/operation.ts'
import { createService, template, type Service } from './support/service.ts'

const name = 'web-blue'
const of = { AutoScalingGroupName: name }

const desire = (DesiredCapacity: number) => new SetDesiredCapacityCommand({ ...of, DesiredCapacity })

async function created(
  settings: Parameters<Service['createGroup']>[1],
  options?: Parameters<typeof createService>[0],
) {
  const service = await createService(options)
  const ids = await service.createGroup(name, settings)
  return { ...service, ids }
}

describe('sizes', () => {
  test('that are no numbers are refused', async () => {
    const service = await createService()
    await expect(service.createGroup(name, { MinSize: Number.NaN })).rejects.toThrow('is not an integer')
  })

  test('launches what is missing, spread over zones, and says why', async () => {
    const { group, activities } = await created({ MaxSize: 4, DesiredCapacity: 4 })
    const { Instances } = await group(name)
    expect(Instances?.map((one) => one.LifecycleState)).toEqual(Array(4).fill('InService'))
    expect(Instances?.map((one) => one.AvailabilityZone).toSorted()).toEqual([
      'us-east-1a',
      'us-east-1a',
      'us-east-1b',
      'us-east-1b',
    ])
    const causes = (await activities(name)).map(({ Cause }) => Cause)
    expect(causes.at(-1)).toMatch(
      /^At \S+Z a user request created an AutoScalingGroup changing the desired capacity from 0 to 4\. {2}At \S+Z an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 0 to 1\.$/,
    )
    expect((await activities(name)).every(({ StatusCode }) => StatusCode === 'Successful')).toBe(true)
  })
})

describe('launch failures', () => {
  test('are told in an activity and tried again', async () => {
    const { autoScaling, cloud, clock, activities, states } = await created({ DesiredCapacity: 0 })
    const sentence =
      'We currently do not have sufficient t3.micro capacity in the Availability Zone you requested'
    cloud.ec2.launchFault = () => new AwsError('InsufficientInstanceCapacity', sentence, 500)
    await autoScaling.send(desire(1))
    await clock.advance(20_000)
    const [failed] = await activities(name)
    expect(failed).toMatchObject({
      StatusCode: 'Failed',
      Progress: 100,
      StatusMessage: `${sentence}. Launching EC2 instance failed.`,
      Description: `Launching a new EC2 instance.  Status Reason: ${sentence}. Launching EC2 instance failed.`,
    })
    cloud.ec2.launchFault = null
    await clock.advance(120_000)
    expect(await states(name)).toEqual(['InService'])
  })

  test('an instance that ends before it served is replaced', async () => {
    const { autoScaling, cloud, ec2, clock, ids, activities } = await created({ DesiredCapacity: 0 })
    await autoScaling.send(desire(1))
    const members = () => [...cloud.autoScaling.group(name).members.keys()]
    await clock.runUntil(() => members().length === 1, 60_000)
    const [early = ''] = members()
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [early] }))
    await clock.advance(120_000)
    expect(ids).toEqual([])
    expect(members()).not.toContain(early)
    expect(members()).toHaveLength(1)
    expect((await activities(name)).map(({ StatusMessage }) => StatusMessage)).toContainEqual(
      expect.stringMatching(
        /^Instance became unhealthy while waiting for instance to be in InService state\./,
      ),
    )
  })
})

describe('groups', () => {
  test('exist once, with a launch template and a place', async () => {
    const { autoScaling } = await created({ DesiredCapacity: 0 })
    const input = { ...of, MinSize: 0, MaxSize: 1, AvailabilityZones: ['us-east-1a'] }
    const LaunchTemplate = { LaunchTemplateName: template }
    const create = (more: object) =>
      autoScaling.send(new CreateAutoScalingGroupCommand({ ...input, ...more }))
    await expect(create({ LaunchTemplate })).rejects.toMatchObject({ Code: 'AlreadyExists' })
    await expect(create({ AutoScalingGroupName: 'a' })).rejects.toThrow(/^Valid requests must contain/)
    await expect(
      create({ AutoScalingGroupName: 'a', LaunchTemplate, LoadBalancerNames: ['gone'] }),
    ).rejects.toThrow('Provided Load Balancers may not be valid.')
    await expect(
      create({
        AutoScalingGroupName: 'a',
        LaunchTemplate,
        TrafficSources: [{ Identifier: 'x', Type: 'elb' }],
      }),
    ).rejects.toThrow('TrafficSources is not offered by this endpoint.')
    await expect(
      create({ AutoScalingGroupName: 'a', LaunchTemplate, AvailabilityZones: [] }),
    ).rejects.toThrow('At least one Availability Zone or VPC Subnet is required.')
    await expect(
      create({ AutoScalingGroupName: 'a', LaunchTemplate, TargetGroupARNs: ['arn:nothing'] }),
    ).rejects.toMatchObject({ name: 'ValidationError' })
  })

  test('have no policies, schedules, refreshes or warm pool: nothing can make them here', async () => {
    const { autoScaling } = await created({ DesiredCapacity: 0 })
    expect((await autoScaling.send(new DescribePoliciesCommand(of))).ScalingPolicies).toEqual([])
    const schedules = await autoScaling.send(new DescribeScheduledActionsCommand(of))
    expect(schedules.ScheduledUpdateGroupActions).toEqual([])
    expect((await autoScaling.send(new DescribeInstanceRefreshesCommand(of))).InstanceRefreshes).toEqual([])
    expect((await autoScaling.send(new DescribeWarmPoolCommand(of))).Instances).toEqual([])
  })
})
