import { text, texts } from '../../input.ts'
import { page } from '../../paging.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { targetGroupOutput } from '../outputs.ts'
import { pageSize } from '../settings.ts'

export const describeTargetGroups: Operation = (cloud, input) => {
  const { loadBalancing } = cloud
  const arns = texts(input, 'TargetGroupArns')
  const names = texts(input, 'Names')
  const balancer = text(input, 'LoadBalancerArn')
  const found = [...loadBalancing.targetGroups.values()].filter((group) => {
    if (balancer) return loadBalancing.balancersOf(group.arn).includes(balancer)
    if (arns.length + names.length === 0) return true
    return arns.includes(group.arn) || names.includes(group.name)
  })
  if (!balancer && found.length < arns.length + names.length)
    throw new AwsError('TargetGroupNotFound', 'One or more target groups not found')
  const { items, next } = page(found, text(input, 'Marker'), pageSize(input))
  return {
    TargetGroups: items.map((group) => targetGroupOutput(group, loadBalancing.balancersOf(group.arn))),
    NextMarker: next,
  }
}
