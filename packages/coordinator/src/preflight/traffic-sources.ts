import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing'
import type { LoadBalancerDescription } from '@aws-sdk/client-elastic-load-balancing'
import type { TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2'
import { attachedToAny } from '../aws/attached.ts'
import type { AwsClients } from '../aws/clients.ts'
import { errorCode } from '../aws/errors.ts'
import type { AwsGroup } from '../aws/groups.ts'
import { count, list } from '../decide/words.ts'
import { readTargetHealth } from '../run/target-groups.ts'
import { problem, type Problem } from './problem.ts'
import type { TargetGroups } from './target-groups.ts'

/**
 * What would keep every new instance from becoming healthy, and a deployment waiting for ever (ALB guide, target group
 * health checks).
 */
export async function checkTrafficSources(
  clients: AwsClients,
  groups: readonly AwsGroup[],
  targetGroups: TargetGroups,
): Promise<Problem[]> {
  const sources = attachedToAny(groups.map(({ raw }) => raw))
  const classic = sources.flatMap(({ type, id }) => (type === 'elb' ? [id] : []))
  const members = new Set(groups.flatMap(({ group }) => group.instances.map(({ id }) => id)))
  const found = await Promise.all([
    checkTargetGroups(clients, targetGroups, members),
    checkClassic(clients, classic),
  ])
  return found.flat()
}

async function checkTargetGroups(
  clients: AwsClients,
  groups: TargetGroups,
  members: ReadonlySet<string>,
): Promise<Problem[]> {
  if (!groups) return [problem('A target group that the groups are attached to does not exist any more.')]
  const found = groups.map(async (group) => {
    const name = group.TargetGroupName ?? ''
    if (!group.LoadBalancerArns?.length)
      return [problem(`The target group ${name} has no listener: no target in it can become healthy.`)]
    if (group.TargetType !== undefined && group.TargetType !== 'instance')
      return [
        problem(`The target group ${name} takes targets of type ${group.TargetType}; instances are needed.`),
      ]
    if (group.HealthCheckEnabled === false)
      return [problem(`The target group ${name} has its health checks off: no target in it reads healthy.`)]
    return checkInUse(clients, group, members)
  })
  return (await Promise.all(found)).flat()
}

/** A load balancer without a rule for the group, or in other zones, leaves registered targets unused. */
async function checkInUse(
  clients: AwsClients,
  { TargetGroupArn = '', TargetGroupName = '' }: TargetGroup,
  members: ReadonlySet<string>,
): Promise<Problem[]> {
  const health = await readTargetHealth(clients, TargetGroupArn)
  const unused = [...health].flatMap(([id, { reason }]) =>
    members.has(id) && reason === 'Target.NotInUse' ? [id] : [],
  )
  if (unused.length === 0) return []
  return [
    problem(
      `${count(unused.length, 'target')} of the target group ${TargetGroupName} (${list(unused)}) can get no traffic (Target.NotInUse): give it a listener rule, and its load balancer their Availability Zones.`,
    ),
  ]
}

async function checkClassic(clients: AwsClients, names: readonly string[]): Promise<Problem[]> {
  // An empty list would mean all load balancers of the account.
  if (names.length === 0) return []
  const balancers = await describeClassic(clients, names)
  if (!balancers)
    return [problem('A classic load balancer that the groups are attached to does not exist any more.')]
  return balancers
    .filter(({ ListenerDescriptions = [] }) => ListenerDescriptions.length === 0)
    .map(({ LoadBalancerName }) =>
      problem(`The classic load balancer ${LoadBalancerName} has no listener: it passes no traffic on.`),
    )
}

/** Null where one of them is gone. */
async function describeClassic(
  { classicElb }: AwsClients,
  names: readonly string[],
): Promise<LoadBalancerDescription[] | null> {
  try {
    const { LoadBalancerDescriptions = [] } = await classicElb.send(
      new DescribeLoadBalancersCommand({ LoadBalancerNames: [...names] }),
    )
    return LoadBalancerDescriptions
  } catch (error) {
    if (errorCode(error) === 'LoadBalancerNotFound') return null
    throw error
  }
}
