import { TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import { DescribeInstanceHealthCommand } from '@aws-sdk/client-elastic-load-balancing'
import { expect } from 'vitest'
import { classic, fastCheck, oneInstance } from '../support/classic.ts'
import { operation } from '../support/row.ts'

const { row } = operation('Classic ELB', 'DescribeInstanceHealth')
const model = 'elb 2012-06-01, InstanceState'
const checks = 'Classic Load Balancer guide, elb-healthchecks'
const draining = 'Classic Load Balancer guide, config-conn-drain'

const served = 'N/A'
const failed = 'Instance has failed at least the UnhealthyThreshold number of health checks consecutively.'
const notPassed =
  'Instance has not passed the configured HealthyThreshold number of health checks consecutively.'
const registering = 'Instance registration is still in progress.'
const leaving = 'Instance deregistration currently in progress.'
const gone = 'Instance is not currently registered with the LoadBalancer.'

row(
  { status: 'model', source: model, says: 'an instance that serves is InService, with N/A for both reasons' },
  async (scene) => {
    const { register, reach, health, InstanceId } = await oneInstance(scene)
    await register()
    await reach(served)
    expect(await health()).toEqual({ InstanceId, State: 'InService', ReasonCode: 'N/A', Description: served })
  },
)

row(
  {
    status: 'model',
    source: model,
    says: 'before that it is OutOfService, being registered or not yet passed',
  },
  async (scene) => {
    const { register, health } = await oneInstance(scene)
    await register()
    const told = new Set<string | undefined>()
    await scene.until(
      'in service',
      async () => {
        const state = await health()
        if (state?.State !== 'InService') told.add(state?.Description)
        return state?.State === 'InService'
      },
      300,
    )
    expect(told.size).toBeGreaterThan(0)
    expect([...told].filter((one) => one !== registering && one !== notPassed)).toEqual([])
  },
)

row(
  {
    status: 'documented',
    source: checks,
    says: 'a new instance needs as many good checks as the healthy threshold',
  },
  async (scene) => {
    const { register, reach } = await oneInstance(scene, { check: { ...fastCheck, HealthyThreshold: 6 } })
    await register()
    expect(await reach(served)).toBeGreaterThan(24)
  },
)

row(
  {
    status: 'model',
    source: model,
    says: 'as many bad checks as the unhealthy threshold put it out, the instance being the reason',
  },
  async (scene) => {
    const { register, reach, health, check } = await oneInstance(scene)
    await register()
    await reach(served)
    await check({ Target: 'HTTP:8080/none' })
    await reach(failed)
    expect(await health()).toMatchObject({ State: 'OutOfService', ReasonCode: 'Instance' })
  },
)

row(
  {
    status: 'documented',
    source: draining,
    says: 'one that drains goes on reading InService, and only the description tells; then it is not registered',
  },
  async (scene) => {
    const { register, deregister, reach, health } = await oneInstance(scene, { drainS: 30 })
    await register()
    await reach(served)
    await deregister()
    expect(await health()).toMatchObject({ State: 'InService', Description: leaving })
    await reach(gone, 60)
    expect(await health()).toMatchObject({ State: 'OutOfService', ReasonCode: 'Instance' })
  },
)

row({ status: 'documented', source: draining, says: 'without draining it is out at once' }, async (scene) => {
  const { register, deregister, reach, health } = await oneInstance(scene)
  await register()
  await reach(served)
  await deregister()
  expect(await reach(gone, 30)).toBeLessThan(10)
  expect(await health()).toMatchObject({ State: 'OutOfService' })
})

row(
  {
    status: 'model',
    source: 'elb 2012-06-01, DescribeInstanceHealth',
    says: 'tells of all that are registered, and of one that is named though it is not',
  },
  async (scene) => {
    const { LoadBalancerName, register, health, InstanceId } = await oneInstance(scene)
    const all = async () =>
      (await scene.place.classicElb.send(new DescribeInstanceHealthCommand({ LoadBalancerName })))
        .InstanceStates
    expect(await all()).toEqual([])
    expect(await health()).toMatchObject({ InstanceId, State: 'OutOfService', Description: gone })
    await register()
    expect(await all()).toMatchObject([{ InstanceId }])
  },
)

row(
  {
    status: 'model',
    source: 'elb 2012-06-01, DescribeInstanceHealth',
    says: 'a terminated instance is not told of',
  },
  async (scene) => {
    const { register, health, InstanceId } = await oneInstance(scene)
    await register()
    await scene.place.ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }))
    await scene.until('gone', async () => (await health()) === undefined, 300)
  },
)

row(
  {
    status: 'model',
    source: 'elb 2012-06-01, DescribeInstanceHealth',
    says: 'an id that is nobody is InvalidInstance',
  },
  async (scene) => {
    const LoadBalancerName = await classic(scene)
    const asked = { LoadBalancerName, Instances: [{ InstanceId: 'i-0123456789abcdef0' }] }
    expect(
      await scene.refusal(scene.place.classicElb.send(new DescribeInstanceHealthCommand(asked))),
    ).toMatchObject({ code: 'InvalidInstance', status: 400 })
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, ts-as-loadbalancer',
    says: 'a load balancer that is not there is named as no ACTIVE one',
  },
  async (scene) => {
    const LoadBalancerName = scene.name()
    expect(
      await scene.refusal(
        scene.place.classicElb.send(new DescribeInstanceHealthCommand({ LoadBalancerName })),
      ),
    ).toEqual({
      code: 'LoadBalancerNotFound',
      status: 400,
      message: `There is no ACTIVE Load Balancer named '${LoadBalancerName}'`,
    })
  },
)
