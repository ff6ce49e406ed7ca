import { need, text, texts } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { loadBalancerOutput } from '../outputs.ts'

/** Application Load Balancers only. The same settings again give the same load balancer, others are a duplicate name. */
export const createLoadBalancer: Operation = (cloud, input) => {
  const name = need(input, 'Name')
  const type = text(input, 'Type') ?? 'application'
  if (type !== 'application')
    throw new AwsError('ValidationError', `Load balancers of type '${type}' are not offered here`)
  const scheme = text(input, 'Scheme') ?? 'internet-facing'
  const subnets = texts(input, 'Subnets')
  const before = [...cloud.loadBalancing.loadBalancers.values()].find((one) => one.name === name)
  if (before && (before.scheme !== scheme || before.subnets.join() !== subnets.join()))
    throw new AwsError(
      'DuplicateLoadBalancerName',
      `A load balancer with the same name '${name}' exists, but with different settings`,
    )
  const balancer = before ?? cloud.loadBalancing.addLoadBalancer(name, scheme, 'vpc-0local', subnets)
  return { LoadBalancers: [loadBalancerOutput(balancer)] }
}
