import {
  CreateListenerCommand,
  CreateTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { describe, expect, test } from 'vitest'
import { judge, matches, type Target, type TargetGroup } from '../src/load-balancing/target-group.ts'
import { createService, drainS } from './support/service.ts'

const name = 'web-blue'

async function oneTarget(options?: Parameters<typeof createService>[0]) {
  const service = await createService(options)
  const [id = ''] = await service.createGroup(name, { DesiredCapacity: 1 })
  const one = { TargetGroupArn: service.targetGroupArn, Targets: [{ Id: id }] }
  return {
    ...service,
    id,
    deregister: () => service.elb.send(new DeregisterTargetsCommand(one)),
    register: () => service.elb.send(new RegisterTargetsCommand(one)),
    state: async () => (await service.health()).get(id),
  }
}

describe('health', () => {
  test('a fresh target goes through initial and needs one good check', async () => {
    const { clock, deregister, register, state } = await oneTarget({ timing: { registrationMs: 2_000 } })
    expect(await state()).toBe('healthy')
    await deregister()
    await clock.advance((drainS + 1) * 1_000)
    expect(await state()).toBeUndefined()
    await register()
    expect(await state()).toBe('initial Elb.RegistrationInProgress')
    await clock.advance(3_000)
    expect(await state()).toBe('healthy')
  })

  test('a target drains for the whole delay; one taken back while it drains has to recover', async () => {
    const { clock, deregister, register, state } = await oneTarget()
    await deregister()
    await deregister()
    await clock.advance((drainS - 1) * 1_000)
    expect(await state()).toBe('draining Target.DeregistrationInProgress')
    await register()
    await clock.advance(4_000)
    expect(await state()).toMatch(/^initial/)
    await clock.advance(10_000)
    expect(await state()).toBe('healthy')
    await clock.advance(60_000)
    expect(await state()).toBe('healthy')
  })

  test('two bad checks make it unhealthy, three good ones healthy again', async () => {
    const { clock, cloud, id, state, targetGroupArn } = await oneTarget()
    const group = cloud.loadBalancing.targetGroup(targetGroupArn)
    group.healthCheck = { ...group.healthCheck, path: '/nothing' }
    await clock.advance(5_000)
    expect(await state()).toBe('healthy')
    await clock.advance(5_000)
    expect(await state()).toBe('unhealthy Target.ResponseCodeMismatch')
    expect(cloud.loadBalancing.health(group, id).description).toBe(
      'Health checks failed with these codes: [404]',
    )
    group.healthCheck = { ...group.healthCheck, path: '/readyz' }
    await clock.advance(10_000)
    expect(await state()).toMatch(/^unhealthy/)
    await clock.advance(5_000)
    expect(await state()).toBe('healthy')
  })

  test('without a listener every target is unused', async () => {
    const { state, clock } = await oneTarget({ listener: false })
    await clock.advance(600_000)
    expect(await state()).toBe('unused Target.NotInUse')
  })

  test('instances that are not registered read unused, ids nobody has are refused', async () => {
    const { elb, id, clock, targetGroupArn, deregister } = await oneTarget()
    await deregister()
    await clock.advance((drainS + 1) * 1_000)
    const ask = (Id: string) =>
      elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn, Targets: [{ Id }] }))
    expect((await ask(id)).TargetHealthDescriptions).toEqual([
      {
        Target: { Id: id, Port: 8_080 },
        HealthCheckPort: '8090',
        TargetHealth: {
          State: 'unused',
          Reason: 'Target.NotRegistered',
          Description: 'Target is not registered to the target group',
        },
      },
    ])
    await expect(ask('i-0123456789abcdef0')).rejects.toMatchObject({ Code: 'InvalidTarget' })
  })

  test('a target that is not running cannot be registered, and leaves by itself when it is gone', async () => {
    const { cloud, clock, id, register, state, targetGroupArn } = await oneTarget()
    cloud.ec2.terminate(id)
    // The load balancer knows of it no sooner than by its checks, or when the instance is gone.
    expect(await state()).toBe('healthy')
    expect(cloud.loadBalancing.eligible(targetGroupArn)).toHaveLength(1)
    await expect(register()).rejects.toThrow(
      `The following targets are not in a running state and cannot be registered: '${id}'`,
    )
    await clock.advance(10_000)
    expect(await state()).toBeUndefined()
  })
})

describe('routing', () => {
  test('goes to healthy targets; to all that do not drain when none is healthy; to none when none is left', async () => {
    const { cloud, clock, targetGroupArn, createGroup, elb } = await createService()
    const ids = await createGroup(name, { DesiredCapacity: 2 })
    const eligible = () =>
      cloud.loadBalancing
        .eligible(targetGroupArn)
        .map((one) => one.instanceId)
        .toSorted()
    expect(eligible()).toEqual(ids.toSorted())
    expect(cloud.loadBalancing.eligible(targetGroupArn)[0]).toMatchObject({ port: 8_080 })
    const [first = '', second = ''] = ids
    const targets = cloud.loadBalancing.targetGroup(targetGroupArn).targets
    await elb.send(new DeregisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets: [{ Id: first }] }))
    expect(eligible()).toEqual([second])
    const group = cloud.loadBalancing.targetGroup(targetGroupArn)
    group.healthCheck = { ...group.healthCheck, path: '/nothing' }
    await clock.advance(15_000)
    expect(targets.get(second)?.state).toBe('unhealthy')
    expect(eligible()).toEqual([second])
    const gone: string[] = []
    cloud.loadBalancing.onDeregistered((one) => gone.push(one.instanceId))
    await elb.send(
      new DeregisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets: [{ Id: second }] }),
    )
    expect(eligible()).toEqual([])
    await clock.advance((drainS + 5) * 1_000)
    expect(gone).toEqual([first, second])
  })
})

describe('settings', () => {
  const base = { Name: 'other', Port: 80, Protocol: 'HTTP' as const }
  test.each([
    [{ HealthCheckIntervalSeconds: 4 }, /'healthCheckIntervalSeconds' .* greater than or equal to 5/],
    [{ HealthCheckTimeoutSeconds: 121 }, /'healthCheckTimeoutSeconds' .* less than or equal to 120/],
    [{ HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 5 }, /must be smaller than the interval/],
    [{ HealthyThresholdCount: 1 }, /'healthyThresholdCount'/],
    [{ UnhealthyThresholdCount: 11 }, /'unhealthyThresholdCount'/],
    [{ Matcher: { HttpCode: '600' } }, /200-499/],
    [{ HealthCheckPath: 'readyz' }, /must begin with a/],
  ])('%j is outside the bounds', async (settings, message) => {
    const { elb } = await createService()
    await expect(elb.send(new CreateTargetGroupCommand({ ...base, ...settings }))).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringMatching(message),
    })
  })

  test('have AWS defaults, and are changed one by one', async () => {
    const { elb } = await createService()
    const { TargetGroups } = await elb.send(new CreateTargetGroupCommand(base))
    expect(TargetGroups?.[0]).toMatchObject({
      HealthCheckIntervalSeconds: 30,
      HealthCheckTimeoutSeconds: 5,
      HealthyThresholdCount: 5,
      UnhealthyThresholdCount: 2,
      Matcher: { HttpCode: '200' },
      HealthCheckPath: '/',
      LoadBalancerArns: [],
    })
    const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn
    const changed = await elb.send(new ModifyTargetGroupCommand({ TargetGroupArn, HealthyThresholdCount: 2 }))
    expect(changed.TargetGroups?.[0]).toMatchObject({
      HealthyThresholdCount: 2,
      HealthCheckIntervalSeconds: 30,
    })
    const { Attributes } = await elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }))
    expect(Attributes).toContainEqual({ Key: 'deregistration_delay.timeout_seconds', Value: '300' })
    const set = (Key: string, Value: string) =>
      elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes: [{ Key, Value }] }))
    await expect(set('deregistration_delay.timeout_seconds', '3601')).rejects.toThrow(/between 0 and 3600/)
    await expect(set('slow_start.duration_seconds', '29')).rejects.toThrow(/between 30 and 900/)
    await expect(set('no.such', '1')).rejects.toThrow(/not recognized/)
  })

  test('names and listeners exist once; what is not there is said so', async () => {
    const { elb, targetGroupArn } = await createService()
    const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ Names: ['web'] }))
    const LoadBalancerArn = TargetGroups?.[0]?.LoadBalancerArns?.[0]
    expect(LoadBalancerArn).toMatch(/:loadbalancer\/app\/web\/[0-9a-f]{16}$/)
    await expect(elb.send(new CreateTargetGroupCommand({ ...base, Name: 'web' }))).rejects.toMatchObject({
      Code: 'DuplicateTargetGroupName',
    })
    const listener = { LoadBalancerArn, Protocol: 'HTTP' as const, Port: 8_000 }
    const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: targetGroupArn }]
    await expect(elb.send(new CreateListenerCommand({ ...listener, DefaultActions }))).rejects.toMatchObject({
      Code: 'DuplicateListener',
    })
    const missing = targetGroupArn.replace(/.{4}$/, 'zzzz')
    await expect(
      elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: missing })),
    ).rejects.toMatchObject({
      Code: 'TargetGroupNotFound',
      message: 'One or more target groups not found',
    })
  })
})

test.each([
  ['200', [200], [201, 301]],
  ['200,204', [200, 204], [202]],
  ['200-299,404', [200, 250, 299, 404], [300, 403]],
])('matcher %s', (matcher, good, bad) => {
  expect(good.map(matches(matcher))).toEqual(good.map(() => true))
  expect(bad.map(matches(matcher))).toEqual(bad.map(() => false))
})

test('a good check between two bad ones starts the count anew', () => {
  const group = { healthCheck: { healthyThreshold: 3, unhealthyThreshold: 2 } } as TargetGroup
  const target = { state: 'healthy', reason: null, passed: 9, failed: 0, needed: 1 } as Target
  const bad = { ok: false, reason: 'Target.Timeout', description: 'Request timed out' } as const
  const states = [bad, { ok: true } as const, bad, bad].map((result) => {
    judge(group, target, result, 0)
    return target.state
  })
  expect(states).toEqual(['healthy', 'healthy', 'healthy', 'unhealthy'])
})
