import type { Operation } from '../wire/operation.ts'
import {
  describeLoadBalancerAttributes,
  modifyLoadBalancerAttributes,
} from './classic-operations/attributes.ts'
import { configureHealthCheck } from './classic-operations/health-check.ts'
import {
  deregisterInstances,
  describeInstanceHealth,
  registerInstances,
} from './classic-operations/instances.ts'
import {
  createLoadBalancer,
  deleteLoadBalancer,
  describeLoadBalancers,
} from './classic-operations/load-balancers.ts'

/** Elastic Load Balancing, API version 2012-06-01: classic load balancers. */
export const classicOperations: Record<string, Operation> = {
  ConfigureHealthCheck: configureHealthCheck,
  CreateLoadBalancer: createLoadBalancer,
  DeleteLoadBalancer: deleteLoadBalancer,
  DeregisterInstancesFromLoadBalancer: deregisterInstances,
  DescribeInstanceHealth: describeInstanceHealth,
  DescribeLoadBalancerAttributes: describeLoadBalancerAttributes,
  DescribeLoadBalancers: describeLoadBalancers,
  ModifyLoadBalancerAttributes: modifyLoadBalancerAttributes,
  RegisterInstancesWithLoadBalancer: registerInstances,
}
