import { paginateDescribeInstances } from '@aws-sdk/client-ec2'
import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing'
import type { LoadBalancerDescription } from '@aws-sdk/client-elastic-load-balancing'
import type { TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { AwsClients } from '../aws/clients.ts'
import { attachedToAny } from '../aws/attached.ts'
import { errorCode } from '../aws/errors.ts'
import type { Pair } from '../aws/groups.ts'
import { allPages } from '../aws/pages.ts'
import { measuredBoot, type Boot, type HealthCheck, type Durations } from '../decide/durations.ts'
import { ReportReader } from '../run/reports.ts'
import type { TargetGroups } from './target-groups.ts'

/** Instances whose boots are looked at: enough to see a slow one, few enough for any size of fleet. */
const measured = 10

/** What is known of how long things take, before anything is begun. */
export async function readDurations(
  clients: AwsClients,
  pair: Pair,
  targetGroups: TargetGroups,
): Promise<Omit<Durations, 'pollMs'>> {
  const [boot, classic] = await Promise.all([readBoot(clients, pair), readClassicChecks(clients, pair)])
  // The check of target groups names the one that is gone.
  return { boot, checks: [...(targetGroups ?? []).map(checkOf), ...classic] }
}

async function readBoot(clients: AwsClients, { groups, service, store }: Pair): Promise<Boot> {
  const serving = groups.flatMap(({ group }) =>
    group.instances.flatMap(({ id, lifecycle }) => (lifecycle === 'InService' ? id : [])),
  )
  const ids = new Set(serving.slice(0, measured))
  if (ids.size === 0) return measuredBoot([], new Map())
  const [reports, launchedAt] = await Promise.all([
    new ReportReader(clients, store, service).read(ids, Number.POSITIVE_INFINITY),
    readLaunches(clients, ids),
  ])
  const timed = [...reports.values()].map((report) => ({
    ...report,
    writtenAt: Date.parse(report.writtenAt),
  }))
  return measuredBoot(timed, launchedAt)
}

/** When EC2 launched each, milliseconds since the epoch. */
async function readLaunches(
  { ec2 }: AwsClients,
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, number>> {
  const launchedAt = new Map<string, number>()
  const Filters = [{ Name: 'instance-id', Values: [...ids] }]
  const pages = paginateDescribeInstances({ client: ec2 }, { Filters })
  for await (const { Reservations = [] } of allPages(pages, measured))
    for (const { InstanceId, LaunchTime } of Reservations.flatMap(({ Instances = [] }) => Instances))
      if (InstanceId !== undefined && LaunchTime) launchedAt.set(InstanceId, LaunchTime.getTime())
  return launchedAt
}

async function readClassicChecks(
  { classicElb }: Pick<AwsClients, 'classicElb'>,
  { groups }: Pair,
): Promise<HealthCheck[]> {
  const sources = attachedToAny(groups.map(({ raw }) => raw))
  const LoadBalancerNames = sources.flatMap(({ type, id }) => (type === 'elb' ? [id] : []))
  if (LoadBalancerNames.length === 0) return []
  try {
    const { LoadBalancerDescriptions = [] } = await classicElb.send(
      new DescribeLoadBalancersCommand({ LoadBalancerNames }),
    )
    return LoadBalancerDescriptions.map(classicCheckOf)
  } catch (error) {
    // The check of traffic sources names the one that is gone.
    if (errorCode(error) === 'LoadBalancerNotFound') return []
    throw error
  }
}

function classicCheckOf({ LoadBalancerName = '', HealthCheck: check }: LoadBalancerDescription): HealthCheck {
  return {
    name: LoadBalancerName,
    oneIsEnough: false,
    intervalMs: (check?.Interval ?? 30) * 1_000,
    healthyThreshold: check?.HealthyThreshold ?? 10,
    unhealthyThreshold: check?.UnhealthyThreshold ?? 2,
  }
}

function checkOf(group: TargetGroup): HealthCheck {
  return {
    name: group.TargetGroupName ?? '',
    oneIsEnough: group.Protocol === 'HTTP' || group.Protocol === 'HTTPS',
    intervalMs: (group.HealthCheckIntervalSeconds ?? 30) * 1_000,
    healthyThreshold: group.HealthyThresholdCount ?? 5,
    unhealthyThreshold: group.UnhealthyThresholdCount ?? 2,
  }
}
