import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling'
import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing'
import { DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { attachedToAny, type Attached } from '../aws/attached.ts'
import type { AwsClients } from '../aws/clients.ts'
import { errorCode } from '../aws/errors.ts'
import { readSettings } from '../run/traffic-sources.ts'
import type { TrafficSettings } from './judge/traffic.ts'

/** Settings of everything these groups are attached to; what does not exist any more is left out. */
export async function readTrafficSettings(
  clients: AwsClients,
  groups: readonly AutoScalingGroup[],
): Promise<TrafficSettings[]> {
  const all = await Promise.all(
    attachedToAny(groups).map((source) =>
      existing(
        source.type === 'elb' ? classicSettings(clients, source) : targetGroupSettings(clients, source),
      ),
    ),
  )
  return all.filter((one) => one !== null)
}

async function targetGroupSettings(clients: AwsClients, source: Attached): Promise<TrafficSettings> {
  const [{ TargetGroups = [] }, { name, deregistrationDelay, slowStart }] = await Promise.all([
    clients.elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [source.id] })),
    readSettings(clients, source),
  ])
  const [found] = TargetGroups
  return {
    id: source.id,
    name,
    kind: found?.Protocol?.startsWith('HTTP') === false ? 'network' : 'application',
    intervalMs: (found?.HealthCheckIntervalSeconds ?? 0) * 1_000,
    healthyThreshold: found?.HealthyThresholdCount ?? 1,
    unhealthyThreshold: found?.UnhealthyThresholdCount ?? 1,
    drainMs: deregistrationDelay,
    slowStartMs: slowStart,
  }
}

async function classicSettings(clients: AwsClients, source: Attached): Promise<TrafficSettings> {
  const [{ LoadBalancerDescriptions = [] }, { name, deregistrationDelay, slowStart }] = await Promise.all([
    clients.classicElb.send(new DescribeLoadBalancersCommand({ LoadBalancerNames: [source.id] })),
    readSettings(clients, source),
  ])
  const check = LoadBalancerDescriptions[0]?.HealthCheck
  return {
    id: source.id,
    name,
    kind: 'classic',
    intervalMs: (check?.Interval ?? 0) * 1_000,
    healthyThreshold: check?.HealthyThreshold ?? 1,
    unhealthyThreshold: check?.UnhealthyThreshold ?? 1,
    drainMs: deregistrationDelay,
    slowStartMs: slowStart,
  }
}

async function existing<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read
  } catch (error) {
    if (['TargetGroupNotFound', 'AccessPointNotFound', 'LoadBalancerNotFound'].includes(errorCode(error)))
      return null
    throw error
  }
}
