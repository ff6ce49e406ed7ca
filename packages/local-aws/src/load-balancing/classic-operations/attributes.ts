import { flag, integer, need, structure } from '../../input.ts'
import { AwsError, type Operation, type Output } from '../../wire/operation.ts'
import type { ClassicLoadBalancer } from '../classic.ts'

/** Connection draining is what can be set here; the rest reads as AWS has it by default. */
function output({ draining }: ClassicLoadBalancer): Output {
  return {
    CrossZoneLoadBalancing: { Enabled: false },
    AccessLog: { Enabled: false },
    ConnectionDraining: { Enabled: draining.enabled, Timeout: draining.timeoutS },
    ConnectionSettings: { IdleTimeout: 60 },
  }
}

export const describeLoadBalancerAttributes: Operation = (cloud, input) => ({
  LoadBalancerAttributes: output(cloud.loadBalancing.classicLoadBalancer(need(input, 'LoadBalancerName'))),
})

/** @throws {AwsError} ValidationError for a timeout outside 1 to 3600 s. */
export const modifyLoadBalancerAttributes: Operation = (cloud, input) => {
  const balancer = cloud.loadBalancing.classicLoadBalancer(need(input, 'LoadBalancerName'))
  const change = structure(structure(input, 'LoadBalancerAttributes'), 'ConnectionDraining')
  const timeoutS = integer(change, 'Timeout') ?? balancer.draining.timeoutS
  if (timeoutS < 1 || timeoutS > 3_600)
    throw new AwsError('ValidationError', 'ConnectionDraining timeout must be between 1 and 3600 seconds')
  balancer.draining = { enabled: flag(change, 'Enabled') ?? balancer.draining.enabled, timeoutS }
  return { LoadBalancerName: balancer.id, LoadBalancerAttributes: output(balancer) }
}
