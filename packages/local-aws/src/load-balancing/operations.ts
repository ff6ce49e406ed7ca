import type { Operation } from '../wire/operation.ts'
import { createLoadBalancer } from './operations/create-load-balancer.ts'
import { createTargetGroup } from './operations/create-target-group.ts'
import { deleteLoadBalancer } from './operations/delete-load-balancer.ts'
import { deleteTargetGroup } from './operations/delete-target-group.ts'
import { describeAccountLimits } from './operations/describe-account-limits.ts'
import { describeLoadBalancers } from './operations/describe-load-balancers.ts'
import { describeTargetGroups } from './operations/describe-target-groups.ts'
import { createListener, deleteListener, describeListeners } from './operations/listeners.ts'
import { modifyTargetGroup } from './operations/modify-target-group.ts'
import {
  describeTargetGroupAttributes,
  modifyTargetGroupAttributes,
} from './operations/target-group-attributes.ts'
import { deregisterTargets, describeTargetHealth, registerTargets } from './operations/targets.ts'

/** Elastic Load Balancing, API version 2015-12-01. */
export const loadBalancingOperations: Record<string, Operation> = {
  CreateListener: createListener,
  CreateLoadBalancer: createLoadBalancer,
  CreateTargetGroup: createTargetGroup,
  DeleteListener: deleteListener,
  DeleteLoadBalancer: deleteLoadBalancer,
  DeleteTargetGroup: deleteTargetGroup,
  DeregisterTargets: deregisterTargets,
  DescribeAccountLimits: describeAccountLimits,
  DescribeListeners: describeListeners,
  DescribeLoadBalancers: describeLoadBalancers,
  DescribeTargetGroupAttributes: describeTargetGroupAttributes,
  DescribeTargetGroups: describeTargetGroups,
  DescribeTargetHealth: describeTargetHealth,
  ModifyTargetGroup: modifyTargetGroup,
  ModifyTargetGroupAttributes: modifyTargetGroupAttributes,
  RegisterTargets: registerTargets,
}
