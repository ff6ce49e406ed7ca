import type { Cloud } from '../../cloud.ts'
import { text } from '../../input.ts'
import { anywhere, each, permission, tagKeys, type Permissions } from './permission.ts'

const prefix = 'elasticloadbalancing'

/**
 * Looking knows no resources. Of tags those are known that a target group or classic load balancer was created with.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
 */
export const loadBalancingPermissions: Permissions = {
  ...anywhere(prefix, [
    'DescribeAccountLimits',
    'DescribeListeners',
    'DescribeLoadBalancers',
    'DescribeTargetGroupAttributes',
    'DescribeTargetGroups',
    'DescribeTargetHealth',
  ]),
  ...each(
    prefix,
    [
      'DeleteTargetGroup',
      'DeregisterTargets',
      'ModifyTargetGroup',
      'ModifyTargetGroupAttributes',
      'RegisterTargets',
    ],
    (action) => (cloud, input) => {
      const targetGroupArn = text(input, 'TargetGroupArn') ?? '*'
      return [permission(action, targetGroupArn, own(cloud, targetGroupArn))]
    },
  ),
  ...each(prefix, ['CreateListener', 'DeleteLoadBalancer'], (action) => (_, input) => [
    permission(action, text(input, 'LoadBalancerArn') ?? '*'),
  ]),
  DeleteListener: (_, input) => [permission(`${prefix}:DeleteListener`, text(input, 'ListenerArn') ?? '*')],
  CreateLoadBalancer: (cloud, input) => {
    const kind = text(input, 'Type') === 'network' ? 'net' : 'app'
    const resource = `loadbalancer/${kind}/${text(input, 'Name') ?? '*'}/*`
    return [permission(`${prefix}:CreateLoadBalancer`, arn(cloud, resource))]
  },
  CreateTargetGroup: (cloud, input) => [
    permission(`${prefix}:CreateTargetGroup`, arn(cloud, `targetgroup/${text(input, 'Name') ?? '*'}/*`)),
  ],
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancing.html */
export const classicPermissions: Permissions = {
  ...anywhere(prefix, ['DescribeInstanceHealth', 'DescribeLoadBalancerAttributes', 'DescribeLoadBalancers']),
  ...each(
    prefix,
    [
      'ConfigureHealthCheck',
      'CreateLoadBalancer',
      'DeleteLoadBalancer',
      'DeregisterInstancesFromLoadBalancer',
      'ModifyLoadBalancerAttributes',
      'RegisterInstancesWithLoadBalancer',
    ],
    (action) => (cloud, input) => {
      const name = text(input, 'LoadBalancerName') ?? '*'
      return [permission(action, arn(cloud, `loadbalancer/${name}`), own(cloud, name))]
    },
  ),
}

function own({ loadBalancing }: Cloud, poolId: string): Record<string, string> {
  const tags = loadBalancing.pool(poolId)?.tags ?? []
  return { ...tagKeys('aws:ResourceTag', tags), ...tagKeys('elasticloadbalancing:ResourceTag', tags) }
}

function arn({ region, account }: Cloud, resource: string): string {
  return `arn:aws:elasticloadbalancing:${region}:${account}:${resource}`
}
