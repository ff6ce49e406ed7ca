import { need } from '../../input.ts'
import type { Operation } from '../../wire/operation.ts'

/** Takes its listeners along; one that is not there is no error (ELBv2 API DeleteLoadBalancer). */
export const deleteLoadBalancer: Operation = (cloud, input) => {
  const arn = need(input, 'LoadBalancerArn')
  for (const listener of cloud.loadBalancing.listeners.values())
    if (listener.loadBalancerArn === arn) cloud.loadBalancing.removeListener(listener.arn)
  cloud.loadBalancing.loadBalancers.delete(arn)
  return {}
}
