import { AwsError } from '../wire/operation.ts'
import type { TargetPool } from './target-group.ts'

/** One port of a classic load balancer. */
export type ClassicListener = Readonly<{ protocol: 'HTTP' | 'TCP'; port: number; instancePort: number }>

/** A classic load balancer: its instances are registered with itself (API 2012-06-01). */
export type ClassicLoadBalancer = TargetPool & {
  readonly kind: 'classic'
  readonly dnsName: string
  readonly scheme: string
  readonly zones: readonly string[]
  readonly subnets: readonly string[]
  readonly createdAt: number
  readonly listeners: readonly ClassicListener[]
  /** Off unless it was turned on (CLB guide, connection draining). */
  draining: { enabled: boolean; timeoutS: number }
}

/** What DescribeInstanceHealth says of one instance. */
export type InstanceState = Readonly<{ state: string; reasonCode: string; description: string }>

export function loadBalancerNotFound(name: string): AwsError {
  return new AwsError('LoadBalancerNotFound', `There is no ACTIVE Load Balancer named '${name}'`)
}

/**
 * The state of an instance in the words of API 2012-06-01. One that drains goes on reading InService.
 * @param machine EC2's state where it is neither running nor on its way there or from there
 */
export function instanceState(
  { targets }: ClassicLoadBalancer,
  instanceId: string,
  machine: string | null,
): InstanceState {
  const target = targets.get(instanceId)
  if (!target) return out('Instance', 'Instance is not currently registered with the LoadBalancer.')
  if (target.state === 'draining')
    return {
      state: 'InService',
      reasonCode: 'ELB',
      description: 'Instance deregistration currently in progress.',
    }
  if (machine !== null) return out('Instance', `Instance is in ${machine} state.`)
  if (target.state === 'healthy') return { state: 'InService', reasonCode: 'N/A', description: 'N/A' }
  if (target.state === 'unhealthy' && target.passed === 0)
    return out(
      'Instance',
      'Instance has failed at least the UnhealthyThreshold number of health checks consecutively.',
    )
  return target.reason?.code === 'Elb.RegistrationInProgress'
    ? out('ELB', 'Instance registration is still in progress.')
    : out(
        'Instance',
        'Instance has not passed the configured HealthyThreshold number of health checks consecutively.',
      )
}

function out(reasonCode: string, description: string): InstanceState {
  return { state: 'OutOfService', reasonCode, description }
}
