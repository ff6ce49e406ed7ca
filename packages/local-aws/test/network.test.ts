import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
  type CreateTargetGroupCommandInput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { describe, expect, test } from 'vitest'
import { createService } from './support/service.ts'

const group = 'web-blue'

/** A Network Load Balancer in front of one instance; checks are 5 s apart, three good ones make healthy. */
async function network(settings: Partial<CreateTargetGroupCommandInput> = {}) {
  const service = await createService({ timing: { networkRegistrationMs: 60_000 } })
  const { elb, clock } = service
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({ Name: 'flows', Type: 'network', Subnets: ['subnet-a'] }),
  )
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name: 'flows',
      Protocol: 'TCP',
      Port: 8_080,
      HealthCheckPort: '8090',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 3,
      ...settings,
    }),
  )
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? ''
  const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn ?? ''
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn }]
  await elb.send(new CreateListenerCommand({ LoadBalancerArn, Protocol: 'TCP', Port: 8_001, DefaultActions }))
  const [id = ''] = await service.createGroup(group, {
    DesiredCapacity: 1,
    TargetGroupARNs: [TargetGroupArn],
  })
  await clock.advance(120_000)
  const one = { TargetGroupArn, Targets: [{ Id: id }] }
  return {
    ...service,
    LoadBalancerArn,
    TargetGroupArn,
    one,
    state: async () => {
      const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand(one))
      const { State, Reason } = TargetHealthDescriptions?.[0]?.TargetHealth ?? {}
      return [State, Reason].filter(Boolean).join(' ')
    },
    set: async (attributes: Record<string, string>) => {
      const Attributes = Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }))
      await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }))
    },
  }
}

/** Whether the connections of a target are cut when its delay is over. */
async function cuts(attributes: Record<string, string>): Promise<boolean[]> {
  const { elb, clock, cloud, one, set } = await network()
  await set({ 'deregistration_delay.timeout_seconds': '10', ...attributes })
  const seen: boolean[] = []
  cloud.loadBalancing.onDeregistered(({ cut }) => seen.push(cut))
  await elb.send(new DeregisterTargetsCommand(one))
  await clock.advance(10_000)
  return seen
}

describe('a target of a Network Load Balancer', () => {
  test('takes minutes to register, and needs the healthy threshold', async () => {
    const { elb, clock, state, one, set } = await network()
    expect(await state()).toBe('healthy')
    await set({ 'deregistration_delay.timeout_seconds': '10' })
    await elb.send(new DeregisterTargetsCommand(one))
    expect(await state()).toBe('draining Target.DeregistrationInProgress')
    await clock.advance(10_000)
    expect(await state()).toBe('unused Target.NotRegistered')
    await elb.send(new RegisterTargetsCommand(one))
    await clock.advance(29_000)
    expect(await state()).toBe('initial Elb.RegistrationInProgress')
    // From half to one and a half times as long.
    for (let s = 0; s < 70 && (await state()).includes('Registration'); s++) await clock.advance(1_000)
    expect(await state()).toBe('initial Elb.InitialHealthChecking')
    await clock.advance(8_000)
    expect(await state()).toBe('initial Elb.InitialHealthChecking')
    await clock.advance(2_000)
    expect(await state()).toBe('healthy')
  })

  test('is checked by a connection, or over HTTP where that is asked for', async () => {
    const { elb, clock, state, TargetGroupArn } = await network()
    await elb.send(new ModifyTargetGroupCommand({ TargetGroupArn, HealthCheckPort: '9999' }))
    await clock.advance(10_000)
    expect(await state()).toBe('unhealthy Target.FailedHealthChecks')
    const http = await network({ HealthCheckProtocol: 'HTTP', HealthCheckPath: '/nothing' })
    expect(await http.state()).toBe('unhealthy Target.ResponseCodeMismatch')
  })

  test('that fell ill lets its flows end first, where it is told to', async () => {
    const { elb, clock, state, set, TargetGroupArn } = await network()
    await set({
      'target_health_state.unhealthy.connection_termination.enabled': 'false',
      'target_health_state.unhealthy.draining_interval_seconds': '30',
    })
    await elb.send(new ModifyTargetGroupCommand({ TargetGroupArn, HealthCheckPort: '9999' }))
    await clock.advance(10_000)
    expect(await state()).toBe('unhealthy.draining Target.FailedHealthChecks')
    await clock.advance(30_000)
    expect(await state()).toBe('unhealthy Target.FailedHealthChecks')
  })

  test('keeps its flows after the delay, unless they are to be ended', async () => {
    expect(await cuts({})).toEqual([false])
    expect(await cuts({ 'deregistration_delay.connection_termination.enabled': 'true' })).toEqual([true])
  })
})

describe('settings', () => {
  test('are those of TCP', async () => {
    const { elb, LoadBalancerArn } = await network()
    const { TargetGroups } = await elb.send(
      new CreateTargetGroupCommand({ Name: 'plain', Protocol: 'TCP', Port: 80 }),
    )
    expect(TargetGroups?.[0]).toMatchObject({
      Protocol: 'TCP',
      HealthCheckProtocol: 'TCP',
      HealthCheckTimeoutSeconds: 10,
      HealthyThresholdCount: 5,
    })
    expect(TargetGroups?.[0]).not.toHaveProperty('HealthCheckPath')
    const { LoadBalancers } = await elb.send(
      new DescribeLoadBalancersCommand({ LoadBalancerArns: [LoadBalancerArn] }),
    )
    expect(LoadBalancers).toMatchObject([
      { Type: 'network', LoadBalancerArn: expect.stringMatching(/loadbalancer\/net\/flows/) },
    ])
  })

  test('a target group is used by its own kind of load balancer', async () => {
    const { elb, LoadBalancerArn, targetGroupArn } = await network()
    const listener = { LoadBalancerArn, Port: 9_000 }
    const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: targetGroupArn }]
    const create = (Protocol: 'HTTP' | 'TCP') =>
      elb.send(new CreateListenerCommand({ ...listener, Protocol, DefaultActions }))
    await expect(create('TCP')).rejects.toMatchObject({ Code: 'InvalidConfigurationRequest' })
    await expect(create('HTTP')).rejects.toMatchObject({ Code: 'UnsupportedProtocol' })
  })

  test('slow start is none of its attributes', async () => {
    const { set } = await network()
    await expect(set({ 'slow_start.duration_seconds': '30' })).rejects.toThrow(/not recognized/)
  })
})
