import {
  ConfigureHealthCheckCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  ModifyLoadBalancerAttributesCommand,
  type HealthCheck,
} from '@aws-sdk/client-elastic-load-balancing'
import { expect } from 'vitest'
import { classic, fastCheck } from '../support/classic.ts'
import { operation } from '../support/row.ts'

const create = operation('Classic ELB', 'CreateLoadBalancer')
const check = operation('Classic ELB', 'ConfigureHealthCheck')
const attributes = operation('Classic ELB', 'ModifyLoadBalancerAttributes')
const guide = 'Classic Load Balancer guide, elb-healthchecks'

create.row(
  {
    status: 'documented',
    source: guide,
    says: 'an instance comes back after ten good checks of 30 s unless told otherwise, and leaves after two bad ones',
  },
  async (scene) => {
    const name = await classic(scene, null)
    const asked = new DescribeLoadBalancersCommand({ LoadBalancerNames: [name] })
    const { LoadBalancerDescriptions } = await scene.place.classicElb.send(asked)
    expect(LoadBalancerDescriptions?.[0]?.HealthCheck).toMatchObject({
      Interval: 30,
      Timeout: 5,
      HealthyThreshold: 10,
      UnhealthyThreshold: 2,
    })
  },
)

create.row(
  {
    status: 'documented',
    source: 'Classic Load Balancer guide, config-conn-drain',
    says: 'does not drain unless told to, and then for 300 s',
  },
  async (scene) => {
    const LoadBalancerName = await classic(scene)
    const asked = new DescribeLoadBalancerAttributesCommand({ LoadBalancerName })
    const { LoadBalancerAttributes } = await scene.place.classicElb.send(asked)
    expect(LoadBalancerAttributes?.ConnectionDraining).toEqual({ Enabled: false, Timeout: 300 })
  },
)

const bounds: [keyof HealthCheck, number, number][] = [
  ['Interval', 5, 300],
  ['Timeout', 2, 60],
  ['HealthyThreshold', 2, 10],
  ['UnhealthyThreshold', 2, 10],
]

for (const [name, least, most] of bounds)
  check.row(
    { status: 'model', source: 'elb 2012-06-01, HealthCheck', says: `${name} is from ${least} to ${most}` },
    async (scene) => {
      const LoadBalancerName = await classic(scene)
      const change = (value: number) =>
        scene.place.classicElb.send(
          new ConfigureHealthCheckCommand({
            LoadBalancerName,
            HealthCheck: { ...fastCheck, Interval: name === 'Timeout' ? 120 : 30, [name]: value },
          }),
        )
      await change(least)
      await change(most)
      for (const value of [least - 1, most + 1])
        expect(await scene.refusal(change(value))).toMatchObject({ code: 'ValidationError', status: 400 })
    },
  )

check.row(
  { status: 'model', source: 'elb 2012-06-01, HealthCheck', says: 'the timeout is below the interval' },
  async (scene) => {
    const LoadBalancerName = await classic(scene)
    const HealthCheck = { ...fastCheck, Interval: 5, Timeout: 5 }
    expect(
      await scene.refusal(
        scene.place.classicElb.send(new ConfigureHealthCheckCommand({ LoadBalancerName, HealthCheck })),
      ),
    ).toMatchObject({ code: 'ValidationError', status: 400 })
  },
)

attributes.row(
  {
    status: 'documented',
    source: 'Classic Load Balancer guide, config-conn-drain',
    says: 'draining takes from 1 to 3600 s',
  },
  async (scene) => {
    const LoadBalancerName = await classic(scene)
    const change = (Timeout: number) =>
      scene.place.classicElb.send(
        new ModifyLoadBalancerAttributesCommand({
          LoadBalancerName,
          LoadBalancerAttributes: { ConnectionDraining: { Enabled: true, Timeout } },
        }),
      )
    await change(1)
    await change(3_600)
    for (const value of [0, 3_601]) expect(await scene.refusal(change(value))).toMatchObject({ status: 400 })
  },
)
