import { need, text, texts } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { loadBalancerOutput } from '../outputs.ts'

/** Application and Network Load Balancers. The same settings again give the same load balancer, others are a duplicate name. */
export const createLoadBalancer: Operation = (cloud, input) => {
  const name = need(input, 'Name')
  const type = text(input, 'Type') ?? 'application'
  if (type !== 'application' && type !== 'network')
    throw new AwsError('ValidationError', `Load balancers of type '${type}' are not offered here`)
  const scheme = text(input, 'Scheme') ?? 'internet-facing'
  const subnets = texts(input, 'Subnets')
  const before = [...cloud.loadBalancing.loadBalancers.values()].find((one) => one.name === name)
  const same = before?.scheme === scheme && before.type === type && before.subnets.join() === subnets.join()
  if (before && !same)
    throw new AwsError(
      'DuplicateLoadBalancerName',
      `A load balancer with the same name '${name}' exists, but with different settings`,
    )
  const balancer = before ?? cloud.loadBalancing.addLoadBalancer(type, name, scheme, subnets)
  return { LoadBalancers: [loadBalancerOutput(balancer)] }
}
