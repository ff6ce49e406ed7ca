import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { AwsClients } from '../aws/clients.ts'
import { errorCode } from '../aws/errors.ts'
import type { AwsGroup } from '../aws/groups.ts'
import { problem, type Problem } from './problem.ts'
import type { TargetGroups } from './target-groups.ts'

/**
 * In a zone that is not enabled on the load balancer a target is unused for ever, and a deployment waits (ALB guide,
 * target group health checks).
 */
export async function checkZones(
  { elb }: AwsClients,
  groups: readonly AwsGroup[],
  targetGroups: TargetGroups,
): Promise<Problem[]> {
  const LoadBalancerArns = [...new Set((targetGroups ?? []).flatMap((one) => one.LoadBalancerArns ?? []))]
  // An empty list would mean all of the account.
  if (LoadBalancerArns.length === 0) return []
  try {
    const { LoadBalancers = [] } = await elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns }))
    return LoadBalancers.flatMap(({ LoadBalancerName, AvailabilityZones = [] }) => {
      const enabled = new Set(AvailabilityZones.flatMap(({ ZoneName }) => ZoneName ?? []))
      // Nothing is known of a load balancer that tells no zones.
      if (enabled.size === 0) return []
      return groups.flatMap(({ raw, group }) => {
        const missing = (raw.AvailabilityZones ?? []).filter((zone) => !enabled.has(zone))
        if (missing.length === 0) return []
        const sentence = `${group.name} launches in ${missing.join(', ')}, not enabled on the load balancer ${LoadBalancerName}: instances there never become healthy.`
        return [problem(sentence)]
      })
    })
  } catch (error) {
    // What is gone is named by the check of target groups.
    if (/NotFound/.test(errorCode(error))) return []
    throw error
  }
}
