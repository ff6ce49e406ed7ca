import {
  AttachLoadBalancerTargetGroupsCommand,
  CreateAutoScalingGroupCommand,
  CreateOrUpdateTagsCommand,
  DeleteTagsCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeInstanceRefreshesCommand,
  DescribePoliciesCommand,
  DescribeScalingActivitiesCommand,
  DescribeScheduledActionsCommand,
  DescribeTagsCommand,
  DescribeWarmPoolCommand,
  SetDesiredCapacityCommand,
  SetInstanceHealthCommand,
  type DescribeAutoScalingGroupsCommandInput,
} from '@aws-sdk/client-auto-scaling'
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import { describe, expect, test } from 'vitest'
import { AwsError } from '../src/wire/operation.ts'
import { createService, groupTags, template, type Service } from './support/service.ts'

const name = 'web-blue'
const of = { AutoScalingGroupName: name }

const desire = (DesiredCapacity: number, HonorCooldown = false) =>
  new SetDesiredCapacityCommand({ ...of, DesiredCapacity, HonorCooldown })
async function created(
  settings: Parameters<Service['createGroup']>[1],
  options?: Parameters<typeof createService>[0],
) {
  const service = await createService(options)
  const ids = await service.createGroup(name, settings)
  return { ...service, ids }
}

describe('sizes', () => {
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

  test('activities are found by status and by time', async () => {
    const { autoScaling, clock } = await created({ DesiredCapacity: 2 })
    await autoScaling.send(desire(1))
    await clock.advance(20_000)
    const found = async (Name: string, ...Values: string[]) => {
      const asked = new DescribeScalingActivitiesCommand({ ...of, Filters: [{ Name, Values }] })
      return (await autoScaling.send(asked)).Activities?.map((one) => one.StatusCode)
    }
    expect(await found('Status', 'Successful')).toEqual(['Successful', 'Successful'])
    const recent = new Date(clock.now() - 20_000).toISOString()
    expect(await found('StartTimeLowerBound', recent)).toEqual(['WaitingForELBConnectionDraining'])
    expect(await found('StartTimeUpperBound', recent)).toEqual(['Successful', 'Successful'])
  })
})

describe('health', () => {
  test('an instance that EC2 ended is replaced, grace or not', async () => {
    const { autoScaling, ec2, clock, ids, group, activities } = await created({
      DesiredCapacity: 2,
      HealthCheckGracePeriod: 3_600,
    })
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: ids.slice(0, 1) }))
    const { AutoScalingInstances } = await autoScaling.send(
      new DescribeAutoScalingInstancesCommand({ InstanceIds: ids.slice(0, 1) }),
    )
    expect(AutoScalingInstances?.[0]?.HealthStatus).toBe('UNHEALTHY')
    await clock.advance(300_000)
    const { Instances } = await group(name)
    expect(Instances?.map((one) => one.LifecycleState)).toEqual(['InService', 'InService'])
    expect(Instances?.map((one) => one.InstanceId)).not.toContain(ids[0])
    expect((await activities(name)).map(({ Cause }) => Cause)).toContainEqual(
      expect.stringContaining(
        'an instance was taken out of service in response to an EC2 health check that indicated it had been terminated or stopped.',
      ),
    )
  })

  const sick = {
    machines: { versions: { v2: { neverHealthy: true } } },
  }
  test('the load balancer counts only after the grace period and once it has seen a healthy instance', async () => {
    const service = await createService(sick)
    await service.cloud.images.put('web', {
      mediaType: 'application/json',
      body: Buffer.from('{"v":2}'),
      tag: 'v2',
    })
    const settings = { HealthCheckType: 'ELB', HealthCheckGracePeriod: 300, DesiredCapacity: 1 }
    const [good = ''] = await service.createGroup(name, settings)
    const tag = { ResourceId: name, ResourceType: 'auto-scaling-group', PropagateAtLaunch: false }
    await service.autoScaling.send(
      new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, Key: 'switchover:version', Value: 'v2' }] }),
    )
    await service.autoScaling.send(desire(2))
    await service.clock.advance(200_000)
    expect([...(await service.health()).values()].toSorted()).toEqual([
      'healthy',
      'unhealthy Target.ResponseCodeMismatch',
    ])
    const before = await service.ids(name)
    await service.clock.advance(400_000)
    const after = await service.ids(name)
    expect(after).toContain(good)
    expect(after.filter((id) => before.includes(id))).toEqual([good])
    expect((await service.activities(name)).map(({ Cause }) => Cause)).toContainEqual(
      expect.stringContaining('in response to an ELB system health check failure.'),
    )
  })

  test('a group that never had a healthy instance is left alone by the load balancer', async () => {
    const {
      ids,
      clock,
      ids: before,
      health,
      cloud,
    } = await created(
      { HealthCheckType: 'ELB', DesiredCapacity: 1 },
      { machines: { versions: { v1: { neverHealthy: true } } } },
    )
    await clock.advance(600_000)
    expect((await health()).get(ids[0] ?? '')).toMatch(/^unhealthy/)
    expect(before.map((id) => cloud.ec2.stateOf(id))).toEqual(['running'])
  })

  test('a user may call an instance unhealthy; grace is respected unless told not to', async () => {
    const { autoScaling, clock, ids } = await created({ DesiredCapacity: 1, HealthCheckGracePeriod: 3_600 })
    const [InstanceId = ''] = ids
    const sick = { InstanceId, HealthStatus: 'Unhealthy' }
    const listed = async () => {
      const asked = new DescribeAutoScalingInstancesCommand({ InstanceIds: ids })
      return (await autoScaling.send(asked)).AutoScalingInstances?.map((one) => one.HealthStatus)
    }
    await autoScaling.send(new SetInstanceHealthCommand(sick))
    expect(await listed()).toEqual(['HEALTHY'])
    await autoScaling.send(new SetInstanceHealthCommand({ ...sick, ShouldRespectGracePeriod: false }))
    expect(await listed()).toEqual(['UNHEALTHY'])
    await clock.advance(300_000)
    expect(await listed()).toEqual([])
  })

  test('one in ten unhealthy instances is replaced at a time', async () => {
    const { autoScaling, cloud, clock, ids } = await created({ MaxSize: 20, DesiredCapacity: 20 })
    for (const InstanceId of ids.slice(0, 10))
      await autoScaling.send(new SetInstanceHealthCommand({ InstanceId, HealthStatus: 'Unhealthy' }))
    let most = 0
    const members = () => [...cloud.autoScaling.group(name).members.values()]
    const observe = () => {
      const serving = members().filter((one) => one.lifecycle === 'InService' && ids.includes(one.id)).length
      const fresh = members().filter((one) => one.lifecycle === 'InService' && !ids.includes(one.id)).length
      most = Math.max(most, 20 - serving - fresh)
      return fresh === 10
    }
    await clock.runUntil(observe, 3_600_000)
    expect(most).toBe(2)
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
  test('are found by tag, by name and in pages; an unknown name is no error', async () => {
    const service = await createService()
    for (const one of ['web-blue', 'web-green', 'other']) {
      const Tags = one === 'other' ? [] : groupTags.map((tag) => ({ ...tag, ResourceId: one }))
      await service.createGroup(one, { Tags })
    }
    const names = async (input: DescribeAutoScalingGroupsCommandInput) =>
      (await service.autoScaling.send(new DescribeAutoScalingGroupsCommand(input))).AutoScalingGroups?.map(
        (one) => one.AutoScalingGroupName,
      )
    const Filters = [{ Name: 'tag:switchover:service', Values: ['web'] }]
    expect(await names({ Filters })).toEqual(['web-blue', 'web-green'])
    expect(await names({ Filters, AutoScalingGroupNames: ['web-green', 'other'] })).toEqual(['web-green'])
    expect(await names({ AutoScalingGroupNames: ['nobody'] })).toEqual([])
    const page = await service.autoScaling.send(new DescribeAutoScalingGroupsCommand({ MaxRecords: 2 }))
    expect(page.AutoScalingGroups).toHaveLength(2)
    expect(await names({ NextToken: page.NextToken })).toEqual(['other'])
  })

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

  test('take a target group later on and register what serves', async () => {
    const { autoScaling, targetGroupArn, clock, health, ids } = await created({
      DesiredCapacity: 1,
      TargetGroupARNs: [],
    })
    expect(await health()).toEqual(new Map())
    await autoScaling.send(
      new AttachLoadBalancerTargetGroupsCommand({ ...of, TargetGroupARNs: [targetGroupArn] }),
    )
    await clock.advance(20_000)
    expect(await health()).toEqual(new Map([[ids[0], 'healthy']]))
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

const tag = (Key: string, Value = 'x') => ({
  ResourceId: name,
  ResourceType: 'auto-scaling-group',
  Key,
  Value,
  PropagateAtLaunch: true,
})

describe('tags', () => {
  test('are overwritten, deleted and listed by filter', async () => {
    const { autoScaling } = await created({ DesiredCapacity: 0, Tags: [] })
    await autoScaling.send(new CreateOrUpdateTagsCommand({ Tags: [tag('a', '1'), tag('b', '2')] }))
    await autoScaling.send(new CreateOrUpdateTagsCommand({ Tags: [tag('a', '3')] }))
    await autoScaling.send(new DeleteTagsCommand({ Tags: [tag('b'), tag('never')] }))
    const Filters = [{ Name: 'auto-scaling-group', Values: [name] }]
    const { Tags } = await autoScaling.send(new DescribeTagsCommand({ Filters }))
    expect(Tags).toEqual([tag('a', '3')])
    const none = [{ Name: 'key', Values: ['b'] }]
    expect((await autoScaling.send(new DescribeTagsCommand({ Filters: none }))).Tags).toEqual([])
  })

  test.each([
    ['aws: keys', [tag('aws:mine')], 'Your account is not allowed to create tag aws:mine'],
    [
      'more than 25 a call',
      Array.from({ length: 26 }, (_, index) => tag(`k${index}`)),
      'The number of tags in a request is limited to 25',
    ],
    [
      'a group that is not there',
      [{ ...tag('a'), ResourceId: 'nobody' }],
      /^AutoScalingGroup name not found - /,
    ],
  ])('are refused: %s', async (_, Tags, message) => {
    const { autoScaling } = await created({ DesiredCapacity: 0, Tags: [] })
    await expect(autoScaling.send(new CreateOrUpdateTagsCommand({ Tags }))).rejects.toThrow(message)
  })

  test('end at 50 a group', async () => {
    const { autoScaling } = await created({ DesiredCapacity: 0, Tags: [] })
    const some = (from: number) => Array.from({ length: 25 }, (_, index) => tag(`k${from + index}`))
    await autoScaling.send(new CreateOrUpdateTagsCommand({ Tags: some(0) }))
    await autoScaling.send(new CreateOrUpdateTagsCommand({ Tags: some(25) }))
    await expect(
      autoScaling.send(new CreateOrUpdateTagsCommand({ Tags: [tag('k50')] })),
    ).rejects.toMatchObject({
      Code: 'LimitExceeded',
    })
  })
})
