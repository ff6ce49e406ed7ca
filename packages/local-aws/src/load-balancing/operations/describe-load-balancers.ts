import { text, texts } from '../../input.ts'
import { page } from '../../paging.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { loadBalancerOutput } from '../outputs.ts'
import { pageSize } from '../settings.ts'

export const describeLoadBalancers: Operation = (cloud, input) => {
  const arns = texts(input, 'LoadBalancerArns')
  const names = texts(input, 'Names')
  const all = [...cloud.loadBalancing.loadBalancers.values()]
  const found = all.filter((one) =>
    arns.length + names.length === 0 ? true : arns.includes(one.arn) || names.includes(one.name),
  )
  if (found.length < arns.length + names.length)
    throw new AwsError('LoadBalancerNotFound', 'One or more load balancers not found')
  const { items, next } = page(found, text(input, 'Marker'), pageSize(input))
  return { LoadBalancers: items.map(loadBalancerOutput), NextMarker: next }
}
