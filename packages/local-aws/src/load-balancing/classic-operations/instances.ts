import type { Cloud } from '../../cloud.ts'
import { need, rows } from '../../input.ts'
import { AwsError, type Input, type Operation, type Output } from '../../wire/operation.ts'
import type { ClassicLoadBalancer } from '../classic.ts'

function named(cloud: Cloud, input: Input): { balancer: ClassicLoadBalancer; ids: string[] } {
  return {
    balancer: cloud.loadBalancing.classicLoadBalancer(need(input, 'LoadBalancerName')),
    ids: rows(input, 'Instances').map((row) => need(row, 'InstanceId')),
  }
}

function registered({ targets }: ClassicLoadBalancer): Output {
  return { Instances: [...targets.keys()].map((InstanceId) => ({ InstanceId })) }
}

function refuseUnknown(cloud: Cloud, ids: readonly string[]): void {
  const unknown = ids.find((id) => cloud.ec2.stateOf(id) === null)
  if (unknown !== undefined) throw new AwsError('InvalidInstance', `Could not find EC2 instance ${unknown}.`)
}

/** All or nothing; repeating it is harmless. */
export const registerInstances: Operation = (cloud, input) => {
  const { balancer, ids } = named(cloud, input)
  refuseUnknown(cloud, ids)
  for (const id of ids) cloud.loadBalancing.registrable(id)
  for (const id of ids) cloud.loadBalancing.register(balancer, id)
  return registered(balancer)
}

/** An instance that is not registered is no error (ELB API DeregisterInstancesFromLoadBalancer). */
export const deregisterInstances: Operation = (cloud, input) => {
  const { balancer, ids } = named(cloud, input)
  refuseUnknown(cloud, ids)
  for (const id of ids) cloud.loadBalancing.deregister(balancer, id)
  return registered(balancer)
}

/** All that are registered, or those named, registered or not; terminated ones are left out (ELB API DescribeInstanceHealth). */
export const describeInstanceHealth: Operation = (cloud, input) => {
  const { balancer, ids } = named(cloud, input)
  refuseUnknown(cloud, ids)
  const asked = ids.length > 0 ? ids : [...balancer.targets.keys()]
  return {
    InstanceStates: asked
      .filter((id) => cloud.ec2.stateOf(id) !== 'terminated')
      .map((InstanceId) => {
        const { state, reasonCode, description } = cloud.loadBalancing.classicState(balancer, InstanceId)
        return { InstanceId, State: state, ReasonCode: reasonCode, Description: description }
      }),
  }
}
