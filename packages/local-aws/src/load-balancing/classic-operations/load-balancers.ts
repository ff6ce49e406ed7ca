import { integer, need, rows, text, texts } from '../../input.ts'
import { page } from '../../paging.ts'
import { AwsError, type Input, type Operation, type Output } from '../../wire/operation.ts'
import { loadBalancerNotFound, type ClassicListener, type ClassicLoadBalancer } from '../classic.ts'
import { defaultCheck, healthCheckOutput } from './health-check.ts'
import { pageSize, readTags } from '../settings.ts'

/** HTTP and TCP listeners only. Checks a connection to the first instance port until told otherwise, as the console does. */
export const createLoadBalancer: Operation = (cloud, input) => {
  const name = need(input, 'LoadBalancerName')
  if (!/^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?$/.test(name))
    throw new AwsError('ValidationError', 'LoadBalancerName must be alphanumeric or -, at most 32 characters')
  if (cloud.loadBalancing.classic.has(name))
    throw new AwsError('DuplicateLoadBalancerName', `The load balancer name '${name}' exists already`)
  const listeners = rows(input, 'Listeners').map(readListener)
  const [first] = listeners
  if (!first) throw new AwsError('ValidationError', 'Listeners must have at least one member')
  const { dnsName } = cloud.loadBalancing.addClassic({
    kind: 'classic',
    id: name,
    port: first.instancePort,
    scheme: text(input, 'Scheme') ?? 'internet-facing',
    zones: texts(input, 'AvailabilityZones'),
    subnets: texts(input, 'Subnets'),
    listeners,
    healthCheck: defaultCheck(first.instancePort),
    draining: { enabled: false, timeoutS: 300 },
    tags: readTags(input),
  })
  return { DNSName: dnsName }
}

function readListener(input: Input): ClassicListener {
  const protocol = need(input, 'Protocol').toUpperCase()
  if (protocol !== 'HTTP' && protocol !== 'TCP')
    throw new AwsError('UnsupportedProtocol', `The protocol '${protocol}' is not offered here`)
  return {
    protocol,
    port: portOf(input, 'LoadBalancerPort'),
    instancePort: portOf(input, 'InstancePort'),
  }
}

function portOf(input: Input, name: string): number {
  const port = integer(input, name)
  if (port !== undefined && port >= 1 && port <= 65_535) return port
  throw new AwsError('ValidationError', `${name} must be between 1 and 65535`)
}

/** One that is not there is no error (ELB API DeleteLoadBalancer). */
export const deleteLoadBalancer: Operation = (cloud, input) => {
  cloud.loadBalancing.removeClassic(need(input, 'LoadBalancerName'))
  return {}
}

export const describeLoadBalancers: Operation = (cloud, input) => {
  const names = texts(input, 'LoadBalancerNames')
  const { classic } = cloud.loadBalancing
  const missing = names.find((name) => !classic.has(name))
  if (missing !== undefined) throw loadBalancerNotFound(missing)
  const found = [...classic.values()].filter(({ id }) => names.length === 0 || names.includes(id))
  const { items, next } = page(found, text(input, 'Marker'), pageSize(input))
  return { LoadBalancerDescriptions: items.map(output), NextMarker: next }
}

function output(balancer: ClassicLoadBalancer): Output {
  return {
    LoadBalancerName: balancer.id,
    DNSName: balancer.dnsName,
    ListenerDescriptions: balancer.listeners.map(({ protocol, port, instancePort }) => ({
      Listener: {
        Protocol: protocol,
        LoadBalancerPort: port,
        InstanceProtocol: protocol,
        InstancePort: instancePort,
      },
      PolicyNames: [],
    })),
    AvailabilityZones: balancer.zones,
    Subnets: balancer.subnets,
    Instances: [...balancer.targets.keys()].map((InstanceId) => ({ InstanceId })),
    HealthCheck: healthCheckOutput(balancer.healthCheck),
    CreatedTime: new Date(balancer.createdAt),
    Scheme: balancer.scheme,
  }
}
