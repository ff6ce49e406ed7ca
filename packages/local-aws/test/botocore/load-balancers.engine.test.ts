import { expect, test } from 'vitest'
import { describeWithBotocore } from './describe.ts'

const unknownId = 'i-0123456789abcdef0'

describeWithBotocore(['elb', 'elbv2'], (aws) => {
  test('application load balancers', async () => {
    const { done, refused } = aws().of('elbv2')
    const { TargetGroups } = await done<{ TargetGroups: { TargetGroupArn: string }[] }>('CreateTargetGroup', {
      Name: 'api',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: 'vpc-1',
    })
    const TargetGroupArn = TargetGroups[0]?.TargetGroupArn
    const { LoadBalancers } = await done<{ LoadBalancers: { LoadBalancerArn: string }[] }>(
      'CreateLoadBalancer',
      { Name: 'api', Subnets: ['subnet-a'] },
    )
    const LoadBalancerArn = LoadBalancers[0]?.LoadBalancerArn
    const DefaultActions = [{ Type: 'forward', TargetGroupArn }]
    const listener = { LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions }
    const { Listeners } = await done<{ Listeners: { ListenerArn: string }[] }>('CreateListener', listener)
    expect(await refused('CreateListener', listener)).toBe('DuplicateListener')
    await done('DescribeListeners', { LoadBalancerArn })
    await done('DescribeLoadBalancers')
    await done('DescribeTargetGroups')
    await done('DescribeAccountLimits')
    await done('DescribeTargetGroupAttributes', { TargetGroupArn })
    const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '10' }]
    await done('ModifyTargetGroupAttributes', { TargetGroupArn, Attributes })
    await done('ModifyTargetGroup', { TargetGroupArn, HealthCheckIntervalSeconds: 6 })

    const [Id] = await aws().service.createGroup('web-blue', { DesiredCapacity: 1 })
    const target = { TargetGroupArn, Targets: [{ Id, Port: 8_081 }] }
    await done('RegisterTargets', target)
    expect(await done('DescribeTargetHealth', { TargetGroupArn })).toMatchObject({
      TargetHealthDescriptions: [{ Target: { Id, Port: 8_081 }, TargetHealth: { State: 'initial' } }],
    })
    await aws().service.clock.advance(30_000)
    await done('DescribeTargetHealth', { TargetGroupArn })
    await done('DeregisterTargets', target)
    expect(await done('DescribeTargetHealth', { TargetGroupArn })).toMatchObject({
      TargetHealthDescriptions: [{ TargetHealth: { State: 'draining' } }],
    })
    const unknown = { TargetGroupArn, Targets: [{ Id: unknownId }] }
    expect(await refused('DescribeTargetHealth', unknown)).toBe('InvalidTarget')
    expect(await refused('RegisterTargets', unknown)).toBe('InvalidTarget')

    expect(await refused('DeleteTargetGroup', { TargetGroupArn })).toBe('ResourceInUse')
    await done('DeleteListener', { ListenerArn: Listeners[0]?.ListenerArn })
    await done('DeleteTargetGroup', { TargetGroupArn })
    await done('DeleteLoadBalancer', { LoadBalancerArn })
    expect(await refused('DescribeTargetHealth', { TargetGroupArn })).toBe('TargetGroupNotFound')
    expect(await refused('DescribeListeners', { LoadBalancerArn })).toBe('LoadBalancerNotFound')
  })

  test('classic load balancers', async () => {
    const { done, refused } = aws().of('elb')
    const old = { LoadBalancerName: 'old' }
    const Listeners = [{ Protocol: 'HTTP', LoadBalancerPort: 80, InstancePort: 80 }]
    await done('CreateLoadBalancer', { ...old, Listeners, Subnets: ['subnet-a'] })
    const thresholds = { UnhealthyThreshold: 2, HealthyThreshold: 2 }
    const HealthCheck = { Target: 'HTTP:80/', Interval: 10, Timeout: 5, ...thresholds }
    await done('ConfigureHealthCheck', { ...old, HealthCheck })
    const LoadBalancerAttributes = { ConnectionDraining: { Enabled: true, Timeout: 60 } }
    await done('ModifyLoadBalancerAttributes', { ...old, LoadBalancerAttributes })
    await done('DescribeLoadBalancerAttributes', old)
    const [InstanceId] = await aws().service.ids('web-blue')
    await done('RegisterInstancesWithLoadBalancer', { ...old, Instances: [{ InstanceId }] })
    await done('DescribeLoadBalancers')
    expect(await done('DescribeInstanceHealth', old)).toMatchObject({
      InstanceStates: [{ InstanceId, State: 'OutOfService', ReasonCode: 'ELB' }],
    })
    await done('DeregisterInstancesFromLoadBalancer', { ...old, Instances: [{ InstanceId }] })
    await done('DescribeInstanceHealth', old)
    const unknown = { ...old, Instances: [{ InstanceId: unknownId }] }
    expect(await refused('RegisterInstancesWithLoadBalancer', unknown)).toBe('InvalidInstance')
    await done('DeleteLoadBalancer', old)
    expect(await refused('DescribeInstanceHealth', old)).toBe('LoadBalancerNotFound')
  })
})
