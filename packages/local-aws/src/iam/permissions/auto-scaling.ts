import type { Cloud } from '../../cloud.ts'
import { rows, text } from '../../input.ts'
import type { Input } from '../../wire/operation.ts'
import { anywhere, each, permission, requestTags, tagKeys, type Permissions } from './permission.ts'

/**
 * Actions of Auto Scaling: looking knows no resources, everything else acts on a group and its tags. What the service asks
 * of others in the caller's name when a group is made (ec2:RunInstances, iam:PassRole) is not evaluated.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html
 */
export const autoScalingPermissions: Permissions = {
  ...anywhere('autoscaling', [
    'DescribeAutoScalingGroups',
    'DescribeAutoScalingInstances',
    'DescribeInstanceRefreshes',
    'DescribeLifecycleHooks',
    'DescribeLoadBalancerTargetGroups',
    'DescribeLoadBalancers',
    'DescribePolicies',
    'DescribeScalingActivities',
    'DescribeScheduledActions',
    'DescribeTags',
    'DescribeWarmPool',
  ]),
  ...each(
    'autoscaling',
    [
      'AttachLoadBalancerTargetGroups',
      'AttachLoadBalancers',
      'BatchDeleteScheduledAction',
      'BatchPutScheduledUpdateGroupAction',
      'CompleteLifecycleAction',
      'DeleteAutoScalingGroup',
      'DeleteLifecycleHook',
      'DeletePolicy',
      'DeleteScheduledAction',
      'DetachInstances',
      'DetachLoadBalancerTargetGroups',
      'DetachLoadBalancers',
      'EnterStandby',
      'ExecutePolicy',
      'ExitStandby',
      'PutLifecycleHook',
      'PutScalingPolicy',
      'PutScheduledUpdateGroupAction',
      'RecordLifecycleActionHeartbeat',
      'ResumeProcesses',
      'SetDesiredCapacity',
      'SetInstanceProtection',
      'SuspendProcesses',
      'UpdateAutoScalingGroup',
    ],
    (action) => (cloud, input) => [onGroup(cloud, action, text(input, 'AutoScalingGroupName'))],
  ),
  ...each(
    'autoscaling',
    ['SetInstanceHealth', 'TerminateInstanceInAutoScalingGroup'],
    (action) => (cloud, input) => [
      onGroup(cloud, action, cloud.autoScaling.find(text(input, 'InstanceId') ?? '')?.group.name),
    ],
  ),
  CreateAutoScalingGroup: (cloud, input) => [
    onGroup(cloud, 'autoscaling:CreateAutoScalingGroup', text(input, 'AutoScalingGroupName'), tags(input)),
  ],
  ...each('autoscaling', ['CreateOrUpdateTags', 'DeleteTags'], (action) => (cloud, input) => {
    const names = new Set(rows(input, 'Tags').map((row) => text(row, 'ResourceId')))
    return [...names].map((name) => onGroup(cloud, action, name, tags(input, name)))
  }),
}

/** A group that is not there has no tags: whoever may act on groups of certain tags only is refused, not told so. */
function onGroup(
  cloud: Cloud,
  action: string,
  name: string | undefined,
  request: readonly (readonly [string, string])[] = [],
) {
  const group = cloud.autoScaling.groups.get(name ?? '')
  const resource =
    group?.arn ??
    `arn:aws:autoscaling:${cloud.region}:${cloud.account}:autoScalingGroup:*:autoScalingGroupName/${name ?? '*'}`
  const own = [...(group?.tags ?? [])].map(([key, { value }]) => [key, value] as const)
  return permission(action, resource, {
    ...tagKeys('aws:ResourceTag', own),
    ...tagKeys('autoscaling:ResourceTag', own),
    ...requestTags(request),
  })
}

function tags(input: Input, group?: string): [string, string][] {
  return rows(input, 'Tags')
    .filter((row) => group === undefined || text(row, 'ResourceId') === group)
    .map((row) => [text(row, 'Key') ?? '', text(row, 'Value') ?? ''])
}
