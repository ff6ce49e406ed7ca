import {
  AttachLoadBalancersCommand,
  DescribeLoadBalancersCommand as DescribeAttachedCommand,
  DetachLoadBalancersCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
} from '@aws-sdk/client-auto-scaling'
import {
  ConfigureHealthCheckCommand,
  CreateLoadBalancerCommand,
  DeleteLoadBalancerCommand,
  DeregisterInstancesFromLoadBalancerCommand,
  DescribeInstanceHealthCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  ModifyLoadBalancerAttributesCommand,
  RegisterInstancesWithLoadBalancerCommand,
} from '@aws-sdk/client-elastic-load-balancing'
import { describe, expect, test } from 'vitest'
import { createService } from './support/service.ts'

const LoadBalancerName = 'old-web'
const group = 'web-blue'

/** A classic load balancer that checks the agents of one group every 5 s, three good checks to come in service. */
async function classic(desired = 1, drainS: number | null = null) {
  const service = await createService({ timing: { registrationMs: 1_000, stateMs: 0 } })
  const { classicElb, autoScaling } = service
  await classicElb.send(
    new CreateLoadBalancerCommand({
      LoadBalancerName,
      Listeners: [{ Protocol: 'HTTP', LoadBalancerPort: 80, InstancePort: 8_080 }],
      AvailabilityZones: ['us-east-1a'],
    }),
  )
  await check('HTTP:8090/readyz')
  if (drainS !== null)
    await classicElb.send(
      new ModifyLoadBalancerAttributesCommand({
        LoadBalancerName,
        LoadBalancerAttributes: { ConnectionDraining: { Enabled: true, Timeout: drainS } },
      }),
    )
  const ids = await service.createGroup(group, {
    DesiredCapacity: desired,
    TargetGroupARNs: [],
    LoadBalancerNames: [LoadBalancerName],
  })
  async function check(Target: string) {
    await classicElb.send(
      new ConfigureHealthCheckCommand({
        LoadBalancerName,
        HealthCheck: { Target, Interval: 5, Timeout: 2, HealthyThreshold: 3, UnhealthyThreshold: 2 },
      }),
    )
  }
  return {
    ...service,
    ids,
    check,
    /** State, reason code and description of the instances registered, or of those named. */
    health: async (named: readonly string[] = []) => {
      const Instances = named.map((InstanceId) => ({ InstanceId }))
      const { InstanceStates = [] } = await classicElb.send(
        new DescribeInstanceHealthCommand({ LoadBalancerName, Instances }),
      )
      return InstanceStates.map((one) => [one.State, one.ReasonCode, one.Description].join(' | '))
    },
    attachment: async () => {
      const { LoadBalancers } = await autoScaling.send(
        new DescribeAttachedCommand({ AutoScalingGroupName: group }),
      )
      return LoadBalancers?.map(({ State }) => State)
    },
  }
}

const inService = 'InService | N/A | N/A'
const registering = 'OutOfService | ELB | Instance registration is still in progress.'
const notPassed =
  'OutOfService | Instance | Instance has not passed the configured HealthyThreshold number of health checks consecutively.'
const failed =
  'OutOfService | Instance | Instance has failed at least the UnhealthyThreshold number of health checks consecutively.'
const drains = 'InService | ELB | Instance deregistration currently in progress.'
const notRegistered = 'OutOfService | Instance | Instance is not currently registered with the LoadBalancer.'

describe('health', () => {
  test('a new instance needs the healthy threshold to come in service', async () => {
    const { health, clock, classicElb, ids } = await classic()
    expect(await health()).toEqual([inService])
    const one = { LoadBalancerName, Instances: ids.map((InstanceId) => ({ InstanceId })) }
    await classicElb.send(new DeregisterInstancesFromLoadBalancerCommand(one))
    await clock.advance(0)
    expect([await health(), await health(ids)]).toEqual([[], [notRegistered]])
    await classicElb.send(new RegisterInstancesWithLoadBalancerCommand(one))
    expect(await health()).toEqual([registering])
    await clock.advance(2_000)
    expect(await health()).toEqual([notPassed])
    await clock.advance(10_000)
    expect(await health()).toEqual([inService])
  })

  test('two failed checks take it out of service, three good ones back', async () => {
    const { health, clock, check } = await classic()
    await check('HTTP:8090/nothing')
    await clock.advance(10_000)
    expect(await health()).toEqual([failed])
    await check('TCP:8090')
    await clock.advance(5_000)
    expect(await health()).toEqual([notPassed])
    await clock.advance(10_000)
    expect(await health()).toEqual([inService])
    await check('TCP:9999')
    await clock.advance(10_000)
    expect(await health()).toEqual([failed])
  })

  test('one that drains goes on reading InService, for the whole timeout', async () => {
    const { health, clock, classicElb, ids } = await classic(1, 20)
    const Instances = ids.map((InstanceId) => ({ InstanceId }))
    await classicElb.send(new DeregisterInstancesFromLoadBalancerCommand({ LoadBalancerName, Instances }))
    expect(await health()).toEqual([drains])
    await clock.advance(19_000)
    expect(await health(ids)).toEqual([drains])
    await clock.advance(1_000)
    expect(await health(ids)).toEqual([notRegistered])
  })

  test('new requests go to instances in service only: it does not fail open', async () => {
    const { cloud, check, clock, ids } = await classic(2)
    const eligible = () => cloud.loadBalancing.eligible(LoadBalancerName).map((one) => one.instanceId)
    expect(eligible().toSorted()).toEqual(ids.toSorted())
    await check('TCP:9999')
    await clock.advance(10_000)
    expect(eligible()).toEqual([])
  })

  test('a terminated instance leaves by itself and is not told of', async () => {
    const { cloud, health, clock, ids } = await classic()
    for (const id of ids) cloud.ec2.terminate(id)
    await clock.advance(10_000)
    expect([await health(), await health(ids)]).toEqual([[], []])
  })
})

describe('Auto Scaling', () => {
  test('tells of it as AWS does', async () => {
    const { group: read } = await classic()
    expect(await read(group)).toMatchObject({
      LoadBalancerNames: [LoadBalancerName],
      TargetGroupARNs: [],
      TrafficSources: [{ Identifier: LoadBalancerName, Type: 'elb' }],
    })
  })

  test('Standby waits for the drain, and the way back registers again', async () => {
    const { autoScaling, health, clock, states, ids } = await classic(1, 20)
    const standby = { AutoScalingGroupName: group, InstanceIds: ids }
    await autoScaling.send(new EnterStandbyCommand({ ...standby, ShouldDecrementDesiredCapacity: true }))
    expect([await states(group), await health()]).toEqual([['EnteringStandby'], [drains]])
    await clock.advance(19_000)
    expect(await states(group)).toEqual(['EnteringStandby'])
    await clock.advance(2_000)
    expect([await states(group), await health(ids)]).toEqual([['Standby'], [notRegistered]])
    await autoScaling.send(new ExitStandbyCommand(standby))
    await clock.advance(30_000)
    expect([await states(group), await health()]).toEqual([['InService'], [inService]])
  })

  test('without connection draining Standby waits for nothing', async () => {
    const { autoScaling, clock, states, ids } = await classic()
    await autoScaling.send(
      new EnterStandbyCommand({
        AutoScalingGroupName: group,
        InstanceIds: ids,
        ShouldDecrementDesiredCapacity: true,
      }),
    )
    await clock.advance(0)
    expect(await states(group)).toEqual(['Standby'])
  })

  test('an attached one goes from Adding to InService, a detached one is Removing until all have drained', async () => {
    const { autoScaling, attachment, clock, health } = await classic(1, 20)
    const names = { AutoScalingGroupName: group, LoadBalancerNames: [LoadBalancerName] }
    expect(await attachment()).toEqual(['InService'])
    await autoScaling.send(new DetachLoadBalancersCommand(names))
    expect([await attachment(), await health()]).toEqual([['Removing'], [drains]])
    await clock.advance(60_000)
    expect([await attachment(), await health()]).toEqual([[], []])
    await autoScaling.send(new AttachLoadBalancersCommand(names))
    expect([await attachment(), await health()]).toEqual([['Adding'], [registering]])
    await clock.advance(60_000)
    expect([await attachment(), await health()]).toEqual([['InService'], [inService]])
  })

  test('replaces what it calls unhealthy, where the group asks for ELB health', async () => {
    const { check, clock, ids, cloud } = await classic()
    cloud.autoScaling.group(group).healthCheckType = 'ELB'
    await check('HTTP:8090/nothing')
    await clock.advance(60_000)
    expect([...cloud.autoScaling.group(group).members.keys()]).not.toContain(ids[0])
  })
})

describe('settings', () => {
  test('AWS defaults: ten checks of a connection, 30 s apart, and no draining', async () => {
    const { classicElb } = await createService()
    await classicElb.send(
      new CreateLoadBalancerCommand({
        LoadBalancerName,
        Listeners: [{ Protocol: 'tcp', LoadBalancerPort: 25, InstancePort: 2_525 }],
        Subnets: ['subnet-a'],
      }),
    )
    const { LoadBalancerDescriptions } = await classicElb.send(new DescribeLoadBalancersCommand({}))
    expect(LoadBalancerDescriptions).toMatchObject([
      {
        LoadBalancerName,
        HealthCheck: {
          Target: 'TCP:2525',
          Interval: 30,
          Timeout: 5,
          HealthyThreshold: 10,
          UnhealthyThreshold: 2,
        },
        ListenerDescriptions: [{ Listener: { Protocol: 'TCP', LoadBalancerPort: 25, InstancePort: 2_525 } }],
        Instances: [],
      },
    ])
    const { LoadBalancerAttributes } = await classicElb.send(
      new DescribeLoadBalancerAttributesCommand({ LoadBalancerName }),
    )
    expect(LoadBalancerAttributes?.ConnectionDraining).toEqual({ Enabled: false, Timeout: 300 })
  })

  test.each([
    [{ Target: 'HTTPS:443/' }, /TCP:port or HTTP:port\/path/],
    [{ Target: 'HTTP:80' }, /TCP:port or HTTP:port\/path/],
    [{ Interval: 4 }, /Interval must be between 5 and 300/],
    [{ Timeout: 5 }, /less than interval/],
    [{ HealthyThreshold: 11 }, /HealthyThreshold must be between 2 and 10/],
  ])('a health check with %j is refused', async (change, message) => {
    const { classicElb } = await classic()
    const HealthCheck = {
      Target: 'TCP:80',
      Interval: 5,
      Timeout: 2,
      HealthyThreshold: 2,
      UnhealthyThreshold: 2,
    }
    await expect(
      classicElb.send(
        new ConfigureHealthCheckCommand({ LoadBalancerName, HealthCheck: { ...HealthCheck, ...change } }),
      ),
    ).rejects.toMatchObject({ name: 'ValidationError', message: expect.stringMatching(message) })
  })

  test('what is not there is said so, and is no error to delete', async () => {
    const { classicElb } = await classic()
    const gone = { LoadBalancerName: 'gone' }
    await expect(classicElb.send(new DescribeInstanceHealthCommand(gone))).rejects.toMatchObject({
      Code: 'LoadBalancerNotFound',
      message: "There is no ACTIVE Load Balancer named 'gone'",
    })
    const nobody = { LoadBalancerName, Instances: [{ InstanceId: 'i-0123456789abcdef0' }] }
    await expect(classicElb.send(new DescribeInstanceHealthCommand(nobody))).rejects.toMatchObject({
      Code: 'InvalidInstance',
    })
    expect(await classicElb.send(new DeleteLoadBalancerCommand(gone))).toBeDefined()
  })
})
