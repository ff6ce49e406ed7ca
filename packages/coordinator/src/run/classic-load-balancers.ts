import {
  DescribeInstanceHealthCommand,
  DescribeLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing'
import type { AwsClients } from '../aws/clients.ts'
import { classicHealth } from '../decide/classic-health.ts'
import type { TargetHealth, TrafficTimings } from '../decide/world.ts'

/**
 * Connection draining is off unless it was turned on: then an instance is out at once (classic load balancer guide,
 * config-conn-drain). It has no slow start.
 */
export async function readClassicTimings({ classicElb }: AwsClients, name: string): Promise<TrafficTimings> {
  const { LoadBalancerAttributes } = await classicElb.send(
    new DescribeLoadBalancerAttributesCommand({ LoadBalancerName: name }),
  )
  const draining = LoadBalancerAttributes?.ConnectionDraining
  const seconds = draining?.Enabled === true ? (draining.Timeout ?? 300) : 0
  return { deregistrationDelay: seconds * 1_000, slowStart: 0 }
}

/** State of every registered instance by id. Not paginated: one reply holds them all (API reference, DescribeInstanceHealth). */
export async function readClassicHealth(
  { classicElb }: AwsClients,
  name: string,
): Promise<ReadonlyMap<string, TargetHealth>> {
  const { InstanceStates = [] } = await classicElb.send(
    new DescribeInstanceHealthCommand({ LoadBalancerName: name }),
  )
  const states = InstanceStates.flatMap(({ InstanceId, State = '', Description = '' }) =>
    InstanceId === undefined
      ? []
      : [[InstanceId, classicHealth({ state: State, description: Description })] as const],
  )
  return new Map(states)
}
