import {
  AttachLoadBalancersCommand,
  AttachLoadBalancerTargetGroupsCommand,
} from '@aws-sdk/client-auto-scaling'
import {
  ConfigureHealthCheckCommand,
  CreateLoadBalancerCommand as CreateClassicCommand,
  DescribeInstanceHealthCommand,
  ElasticLoadBalancingClient,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { groupNames, healthyTargets, keys } from '@switchover/rehearsal/account'
import { beforeAll, expect, test } from 'vitest'
import { bundleCoordinator, run } from '../support/coordinator.ts'
import { liveService, type LiveService } from '../support/live-service.ts'
import { repository } from '../support/virtual-service.ts'
import { until } from '../support/until.ts'

/** One service behind an Application, a Network and a classic load balancer at the same time, by real processes over the wire. */

const LoadBalancerName = 'old-web'
const deploy = ['deploy', 'web', 'v2', '--image', repository, '--yes']

beforeAll(bundleCoordinator)

async function attachMore({ clients, env, cloud }: LiveService): Promise<() => Promise<string[][]>> {
  const classicElb = new ElasticLoadBalancingClient({
    endpoint: env['AWS_ENDPOINT_URL'] ?? '',
    region: cloud.region,
    credentials: keys,
  })
  await classicElb.send(
    new CreateClassicCommand({
      LoadBalancerName,
      Listeners: [{ Protocol: 'HTTP', LoadBalancerPort: 81, InstancePort: 8_080 }],
      Subnets: ['subnet-a', 'subnet-b'],
    }),
  )
  const check = { Interval: 5, Timeout: 2, HealthyThreshold: 2, UnhealthyThreshold: 2 }
  await classicElb.send(
    new ConfigureHealthCheckCommand({
      LoadBalancerName,
      HealthCheck: { ...check, Target: 'HTTP:8090/readyz' },
    }),
  )
  await classicElb.send(
    new ModifyLoadBalancerAttributesCommand({
      LoadBalancerName,
      LoadBalancerAttributes: { ConnectionDraining: { Enabled: true, Timeout: 1 } },
    }),
  )
  const TargetGroupArn = await createFlows(clients.elb)
  for (const AutoScalingGroupName of groupNames) {
    await clients.autoScaling.send(
      new AttachLoadBalancersCommand({ AutoScalingGroupName, LoadBalancerNames: [LoadBalancerName] }),
    )
    await clients.autoScaling.send(
      new AttachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName, TargetGroupARNs: [TargetGroupArn] }),
    )
  }
  return async () => {
    const { InstanceStates = [] } = await classicElb.send(
      new DescribeInstanceHealthCommand({ LoadBalancerName }),
    )
    const classic = InstanceStates.filter(
      ({ State, Description }) => State === 'InService' && Description === 'N/A',
    )
    return [
      (await healthyTargets(clients, TargetGroupArn)).toSorted(),
      classic.map(({ InstanceId }) => InstanceId ?? '').toSorted(),
    ]
  }
}

async function createFlows(elb: LiveService['clients']['elb']): Promise<string> {
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({ Name: 'flows', Type: 'network', Subnets: ['subnet-a', 'subnet-b'] }),
  )
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name: 'flows',
      Protocol: 'TCP',
      Port: 8_080,
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
    }),
  )
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? ''
  await elb.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn,
      Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '1' }],
    }),
  )
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn }]
  const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn
  await elb.send(new CreateListenerCommand({ LoadBalancerArn, Protocol: 'TCP', Port: 82, DefaultActions }))
  return TargetGroupArn
}

test('deploys, rolls back, deploys and finishes behind three kinds of load balancer at once', async () => {
  await using service = await liveService({ instances: 2 })
  const healthy = await attachMore(service)
  const full = async (): Promise<boolean> => (await healthy()).every((ids) => ids.length === 2)
  await until(full, 120_000, 'both instances are healthy in every load balancer')
  const before = await healthy()
  const fewest: number[] = []
  service.intercept(async ({ kind }, proceed) => {
    const response = await proceed()
    if (kind === 'change') fewest.push(...modelled(service))
    return response
  })
  expect(await run([...deploy, '--readiness', 'load-balancer'], service.env)).toMatchObject({
    code: 0,
    stderr: '',
  })
  const moved = await healthy()
  expect([moved[0], moved[0]?.length]).toEqual([moved[1], 2])
  expect(moved[0]?.some((id) => before[0]?.includes(id))).toBe(false)
  expect(await run(['rollback', 'web', '--yes'], service.env)).toMatchObject({ code: 0, stderr: '' })
  expect(await healthy()).toEqual(before)
  expect(await run(deploy, service.env)).toMatchObject({ code: 0, stderr: '' })
  expect(await run(['finish', 'web', '--yes'], service.env)).toMatchObject({ code: 0, stderr: '' })
  expect(Math.min(...fewest)).toBe(2)
  expect(await service.ending()).toMatchObject({ strays: [], lease: null, stage: null, healthyTargets: 2 })
})

/** Healthy instances of each load balancer as it knows them itself: asked over the wire they would be counted as well. */
function modelled({ cloud }: LiveService): number[] {
  const { targetGroups, classic } = cloud.loadBalancing
  return [...targetGroups.values(), ...classic.values()].map(
    ({ targets }) => [...targets.values()].filter(({ state }) => state === 'healthy').length,
  )
}
