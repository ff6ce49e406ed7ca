import {
  ConfigureHealthCheckCommand,
  CreateLoadBalancerCommand,
  DeleteLoadBalancerCommand,
  DeregisterInstancesFromLoadBalancerCommand,
  DescribeInstanceHealthCommand,
  ModifyLoadBalancerAttributesCommand,
  RegisterInstancesWithLoadBalancerCommand,
  type HealthCheck,
  type InstanceState,
} from '@aws-sdk/client-elastic-load-balancing'
import { healthPath, port } from './machines.ts'
import type { Scene } from './scene.ts'

export const fastCheck: HealthCheck = {
  Target: `HTTP:${port}${healthPath}`,
  Interval: 5,
  Timeout: 2,
  HealthyThreshold: 2,
  UnhealthyThreshold: 2,
}

/** A classic load balancer with the fastest checks AWS allows; null leaves AWS's default. Returns its name. */
export async function classic(scene: Scene, check: HealthCheck | null = fastCheck): Promise<string> {
  const { classicElb, subnets, prefix } = scene.place
  const LoadBalancerName = scene.name()
  await classicElb.send(
    new CreateLoadBalancerCommand({
      LoadBalancerName,
      Listeners: [{ Protocol: 'HTTP', LoadBalancerPort: 80, InstancePort: port }],
      Subnets: [...subnets],
      Tags: [{ Key: 'conformance', Value: prefix }],
    }),
  )
  scene.cleanUp.add(`classic load balancer ${LoadBalancerName}`, () =>
    classicElb.send(new DeleteLoadBalancerCommand({ LoadBalancerName })),
  )
  if (check) await classicElb.send(new ConfigureHealthCheckCommand({ LoadBalancerName, HealthCheck: check }))
  return LoadBalancerName
}

/** An instance whose server answers, and a classic load balancer that it is not registered with. Drain in seconds, null: off. */
export async function oneInstance(
  scene: Scene,
  { check = fastCheck, drainS = null }: { check?: HealthCheck; drainS?: number | null } = {},
) {
  const { classicElb } = scene.place
  const LoadBalancerName = await classic(scene, check)
  if (drainS !== null)
    await classicElb.send(
      new ModifyLoadBalancerAttributesCommand({
        LoadBalancerName,
        LoadBalancerAttributes: { ConnectionDraining: { Enabled: true, Timeout: drainS } },
      }),
    )
  const { ids } = await scene.group({ DesiredCapacity: 1 })
  const [InstanceId = ''] = ids
  await scene.place.advance(120)
  const one = { LoadBalancerName, Instances: [{ InstanceId }] }
  const health = async (): Promise<InstanceState | undefined> =>
    (await classicElb.send(new DescribeInstanceHealthCommand(one))).InstanceStates?.[0]
  return {
    LoadBalancerName,
    InstanceId,
    health,
    register: () => classicElb.send(new RegisterInstancesWithLoadBalancerCommand(one)),
    deregister: () => classicElb.send(new DeregisterInstancesFromLoadBalancerCommand(one)),
    check: (change: Partial<HealthCheck>) =>
      classicElb.send(
        new ConfigureHealthCheckCommand({ LoadBalancerName, HealthCheck: { ...check, ...change } }),
      ),
    /** Waits for a description. Returns the seconds it took. */
    reach: async (description: string, limitS = 300): Promise<number> => {
      const from = scene.place.now()
      await scene.until(description, async () => (await health())?.Description === description, limitS)
      return (scene.place.now() - from) / 1_000
    },
  }
}
