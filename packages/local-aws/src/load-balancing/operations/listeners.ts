import { integer, need, rows, structure, text, texts } from '../../input.ts'
import { page } from '../../paging.ts'
import { AwsError, type Input, type Operation } from '../../wire/operation.ts'
import { listenerOutput } from '../outputs.ts'
import { pageSize } from '../settings.ts'

/** One forward action to one target group. */
export const createListener: Operation = (cloud, input) => {
  const { loadBalancing } = cloud
  const balancer = loadBalancing.loadBalancers.get(need(input, 'LoadBalancerArn'))
  if (!balancer) throw new AwsError('LoadBalancerNotFound', 'One or more load balancers not found')
  const port = integer(input, 'Port')
  if (port === undefined || port < 1 || port > 65_535)
    throw new AwsError('ValidationError', 'A listener port must be specified')
  const protocol = balancer.type === 'network' ? 'TCP' : 'HTTP'
  const asked = text(input, 'Protocol') ?? protocol
  if (asked !== protocol)
    throw new AwsError('UnsupportedProtocol', `Listener protocol '${asked}' must be '${protocol}' here`)
  const targetGroupArn = forwardTarget(rows(input, 'DefaultActions')[0] ?? {})
  if (loadBalancing.targetGroup(targetGroupArn).kind !== balancer.type)
    throw new AwsError(
      'InvalidConfigurationRequest',
      `Target group '${targetGroupArn}' cannot be used with a load balancer of type '${balancer.type}'`,
    )
  const taken = [...loadBalancing.listeners.values()].find(
    (one) => one.loadBalancerArn === balancer.arn && one.port === port,
  )
  if (taken)
    throw new AwsError('DuplicateListener', 'A listener already exists on this port for this load balancer')
  return { Listeners: [listenerOutput(loadBalancing.addListener(balancer, protocol, port, targetGroupArn))] }
}

function forwardTarget(action: Input): string {
  if (text(action, 'Type') !== 'forward')
    throw new AwsError('InvalidLoadBalancerAction', 'Only forward actions are offered here')
  const weighted = rows(structure(action, 'ForwardConfig'), 'TargetGroups')
  return text(action, 'TargetGroupArn') ?? need(weighted[0] ?? {}, 'TargetGroupArn')
}

export const describeListeners: Operation = (cloud, input) => {
  const balancer = text(input, 'LoadBalancerArn')
  const arns = texts(input, 'ListenerArns')
  const { listeners, loadBalancers } = cloud.loadBalancing
  if (balancer && !loadBalancers.has(balancer))
    throw new AwsError('LoadBalancerNotFound', 'One or more load balancers not found')
  const found = [...listeners.values()].filter((one) =>
    balancer ? one.loadBalancerArn === balancer : arns.includes(one.arn),
  )
  if (!balancer && found.length < arns.length)
    throw new AwsError('ListenerNotFound', 'One or more listeners not found')
  const { items, next } = page(found, text(input, 'Marker'), pageSize(input))
  return { Listeners: items.map(listenerOutput), NextMarker: next }
}

export const deleteListener: Operation = (cloud, input) => {
  const arn = need(input, 'ListenerArn')
  if (!cloud.loadBalancing.listeners.has(arn))
    throw new AwsError('ListenerNotFound', 'One or more listeners not found')
  cloud.loadBalancing.removeListener(arn)
  return {}
}
