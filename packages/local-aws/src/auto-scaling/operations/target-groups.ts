import { integer, need, text } from '../../input.ts'
import { page } from '../../paging.ts'
import type { Operation } from '../../wire/operation.ts'
import { readTargetGroups } from '../settings.ts'

/** Registers the instances in service with the group's new target groups; repeating it is harmless. */
export const attachLoadBalancerTargetGroups: Operation = (cloud, input) => {
  const { autoScaling } = cloud
  const group = autoScaling.changeable(need(input, 'AutoScalingGroupName'))
  for (const arn of readTargetGroups(cloud, input)) {
    if (group.targetGroups.has(arn)) continue
    group.targetGroups.set(arn, 'Adding')
    for (const member of group.members.values())
      if (member.lifecycle === 'InService') autoScaling.moves.register(arn, member)
  }
  autoScaling.wake(group)
  return {}
}

export const describeLoadBalancerTargetGroups: Operation = (cloud, input) => {
  const group = cloud.autoScaling.group(need(input, 'AutoScalingGroupName'))
  const all = [...group.targetGroups].map(([LoadBalancerTargetGroupARN, State]) => ({
    LoadBalancerTargetGroupARN,
    State,
  }))
  const { items, next } = page(all, text(input, 'NextToken'), integer(input, 'MaxRecords') ?? 100)
  return { LoadBalancerTargetGroups: items, NextToken: next }
}
