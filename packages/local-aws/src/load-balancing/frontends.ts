import type { ClassicLoadBalancer } from './classic.ts'
import type { TargetGroup } from './target-group.ts'

export type LoadBalancer = {
  readonly arn: string
  readonly type: TargetGroup['kind']
  readonly name: string
  readonly scheme: string
  readonly dnsName: string
  readonly vpcId: string
  readonly subnets: readonly string[]
  readonly createdAt: number
}

export type Listener = {
  readonly arn: string
  readonly loadBalancerArn: string
  readonly protocol: 'HTTP' | 'TCP'
  readonly port: number
  readonly targetGroupArn: string
}

/** A port on which a load balancer of any kind takes traffic. */
export type Frontend = Readonly<{
  /** ARN of a listener, `NAME:PORT` of a classic load balancer's. */
  id: string
  protocol: 'HTTP' | 'TCP'
  port: number
  poolId: string
  /** Where traffic goes on the instances; null: to the port each is registered with. */
  instancePort: number | null
}>

export function frontendOf({ arn, protocol, port, targetGroupArn }: Listener): Frontend {
  return { id: arn, protocol, port, poolId: targetGroupArn, instancePort: null }
}

export function classicFrontends({ id, listeners }: ClassicLoadBalancer): Frontend[] {
  return listeners.map(({ protocol, port, instancePort }) => ({
    id: `${id}:${port}`,
    protocol,
    port,
    poolId: id,
    instancePort,
  }))
}
