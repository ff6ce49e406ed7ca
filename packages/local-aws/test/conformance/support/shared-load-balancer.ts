import {
  CreateLoadBalancerCommand,
  waitUntilLoadBalancerAvailable,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { uniqueName } from './names.ts'
import type { Place } from './place.ts'

/** Makes the load balancer that all rows of a run in an account share: one is paid for by the hour, and takes minutes. Returns its ARN. */
export async function sharedLoadBalancer({ elb, prefix, subnets }: Place): Promise<string> {
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({
      Name: uniqueName(prefix),
      Subnets: [...subnets],
      Tags: [{ Key: 'conformance', Value: prefix }],
    }),
  )
  const arn = LoadBalancers?.[0]?.LoadBalancerArn ?? ''
  await waitUntilLoadBalancerAvailable({ client: elb, maxWaitTime: 600 }, { LoadBalancerArns: [arn] })
  return arn
}
