import type { Cloud } from '../../cloud.ts'
import { integer, need, text, texts } from '../../input.ts'
import { page } from '../../paging.ts'
import { AwsError, type Input, type Operation } from '../../wire/operation.ts'
import { readLoadBalancers, readTargetGroups } from '../settings.ts'

/** Of one kind: target groups, or classic load balancers (UG ec2-auto-scaling-quotas). */
const perCall = 10
const perGroup = 50

/** Registers the instances in service with what the group is newly attached to; repeating it is harmless. */
function attach(cloud: Cloud, input: Input, what: string, ids: readonly string[]): void {
  const { autoScaling } = cloud
  const group = autoScaling.changeable(need(input, 'AutoScalingGroupName'))
  if (ids.length > perCall)
    throw new AwsError('ValidationError', `The number of ${what} in a request is limited to ${perCall}`)
  const alike = [...group.trafficSources.keys()].filter((id) => isTargetGroup(id) === ids.some(isTargetGroup))
  if (new Set([...alike, ...ids]).size > perGroup)
    throw new AwsError(
      'LimitExceeded',
      `The number of ${what} is limited to ${perGroup} for each Auto Scaling group`,
    )
  for (const id of ids) {
    const attachment = group.trafficSources.get(id)
    if (attachment !== undefined && attachment !== 'Removing') continue
    group.trafficSources.set(id, 'Adding')
    for (const member of group.members.values())
      if (member.lifecycle === 'InService') autoScaling.moves.register(id, member)
  }
  autoScaling.wake(group)
}

/** Deregisters the group's instances, which drain; what the group was not attached to is no error. */
function detach(cloud: Cloud, input: Input, ids: readonly string[]): void {
  const { autoScaling } = cloud
  const group = autoScaling.changeable(need(input, 'AutoScalingGroupName'))
  for (const id of ids) {
    if (!group.trafficSources.has(id)) continue
    group.trafficSources.set(id, 'Removing')
    for (const member of group.members.values()) autoScaling.moves.deregister(id, member)
  }
  autoScaling.wake(group)
}

export const attachLoadBalancerTargetGroups: Operation = (cloud, input) => {
  attach(cloud, input, 'target groups', readTargetGroups(cloud, input))
  return {}
}

export const detachLoadBalancerTargetGroups: Operation = (cloud, input) => {
  detach(cloud, input, texts(input, 'TargetGroupARNs'))
  return {}
}

export const attachLoadBalancers: Operation = (cloud, input) => {
  attach(cloud, input, 'load balancers', readLoadBalancers(cloud, input))
  return {}
}

export const detachLoadBalancers: Operation = (cloud, input) => {
  detach(cloud, input, texts(input, 'LoadBalancerNames'))
  return {}
}

export const describeLoadBalancerTargetGroups: Operation = (cloud, input) => {
  const { items, next } = attachments(cloud, input, isTargetGroup)
  return {
    LoadBalancerTargetGroups: items.map(([LoadBalancerTargetGroupARN, State]) => ({
      LoadBalancerTargetGroupARN,
      State,
    })),
    NextToken: next,
  }
}

/** Classic ones. */
export const describeLoadBalancers: Operation = (cloud, input) => {
  const { items, next } = attachments(cloud, input, (id) => !isTargetGroup(id))
  return {
    LoadBalancers: items.map(([LoadBalancerName, State]) => ({ LoadBalancerName, State })),
    NextToken: next,
  }
}

/** By its ARN; a classic load balancer is known by name. */
function isTargetGroup(id: string): boolean {
  return id.startsWith('arn:')
}

function attachments(cloud: Cloud, input: Input, wanted: (id: string) => boolean) {
  const group = cloud.autoScaling.group(need(input, 'AutoScalingGroupName'))
  const all = [...group.trafficSources].filter(([id]) => wanted(id))
  return page(all, text(input, 'NextToken'), integer(input, 'MaxRecords') ?? 100)
}
