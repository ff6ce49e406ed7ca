import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling'
import {
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
} from '@aws-sdk/client-elastic-load-balancing'
import { DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { AwsClients } from '../aws/clients.ts'
import { errorCode } from '../aws/errors.ts'
import { targetGroupArns } from '../aws/groups.ts'
import { readTargetGroup } from '../run/load-balancer.ts'
import type { TrafficSettings } from './judge/traffic.ts'

/** Settings of everything these groups are attached to; what does not exist any more is left out. */
export async function readTrafficSettings(
  clients: AwsClients,
  groups: readonly AutoScalingGroup[],
): Promise<TrafficSettings[]> {
  const arns = new Set(groups.flatMap(targetGroupArns))
  const classic = new Set(groups.flatMap(classicNames))
  const all = await Promise.all([
    ...[...arns].map((arn) => existing(targetGroupSettings(clients, arn))),
    ...[...classic].map((name) => existing(classicSettings(clients, name))),
  ])
  return all.filter((one) => one !== null)
}

function classicNames(raw: AutoScalingGroup): string[] {
  const sources = (raw.TrafficSources ?? []).filter(({ Type }) => Type === 'elb')
  return [...(raw.LoadBalancerNames ?? []), ...sources.flatMap(({ Identifier }) => Identifier ?? [])]
}

async function targetGroupSettings(clients: AwsClients, arn: string): Promise<TrafficSettings> {
  const [{ TargetGroups = [] }, { name, deregistrationDelay, slowStart }] = await Promise.all([
    clients.elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] })),
    readTargetGroup(clients, arn),
  ])
  const [found] = TargetGroups
  return {
    id: arn,
    name,
    kind: found?.Protocol?.startsWith('HTTP') === false ? 'network' : 'application',
    intervalMs: (found?.HealthCheckIntervalSeconds ?? 0) * 1_000,
    healthyThreshold: found?.HealthyThresholdCount ?? 1,
    unhealthyThreshold: found?.UnhealthyThresholdCount ?? 1,
    drainMs: deregistrationDelay,
    slowStartMs: slowStart,
  }
}

async function classicSettings({ classicElb }: AwsClients, name: string): Promise<TrafficSettings> {
  const [{ LoadBalancerDescriptions = [] }, { LoadBalancerAttributes }] = await Promise.all([
    classicElb.send(new DescribeLoadBalancersCommand({ LoadBalancerNames: [name] })),
    classicElb.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerName: name })),
  ])
  const check = LoadBalancerDescriptions[0]?.HealthCheck
  const draining = LoadBalancerAttributes?.ConnectionDraining
  return {
    id: name,
    name,
    kind: 'classic',
    intervalMs: (check?.Interval ?? 0) * 1_000,
    healthyThreshold: check?.HealthyThreshold ?? 1,
    unhealthyThreshold: check?.UnhealthyThreshold ?? 1,
    drainMs: draining?.Enabled ? (draining.Timeout ?? 0) * 1_000 : 0,
    slowStartMs: 0,
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
