import type { Output } from '../wire/operation.ts'
import type { Listener, LoadBalancer } from './frontends.ts'
import type { TargetGroup } from './target-group.ts'

export function loadBalancerOutput(balancer: LoadBalancer): Output {
  return {
    LoadBalancerArn: balancer.arn,
    DNSName: balancer.dnsName,
    CanonicalHostedZoneId: 'Z35SXDOTRQ7X7K',
    CreatedTime: new Date(balancer.createdAt),
    LoadBalancerName: balancer.name,
    Scheme: balancer.scheme,
    VpcId: balancer.vpcId,
    State: { Code: 'active' },
    Type: balancer.type,
    AvailabilityZones: balancer.subnets.map((SubnetId) => ({ SubnetId })),
    SecurityGroups: [],
    IpAddressType: 'ipv4',
  }
}

export function targetGroupOutput(group: TargetGroup, loadBalancerArns: readonly string[]): Output {
  const check = group.healthCheck
  return {
    TargetGroupArn: group.arn,
    TargetGroupName: group.name,
    Protocol: group.protocol,
    Port: group.port,
    VpcId: group.vpcId ?? undefined,
    HealthCheckProtocol: check.protocol,
    HealthCheckPort: check.port,
    HealthCheckEnabled: true,
    HealthCheckIntervalSeconds: check.intervalMs / 1_000,
    HealthCheckTimeoutSeconds: check.timeoutMs / 1_000,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
    ...(check.protocol === 'HTTP' && {
      HealthCheckPath: check.path,
      Matcher: { HttpCode: check.matcher },
    }),
    LoadBalancerArns: loadBalancerArns,
    TargetType: 'instance',
    ...(group.protocol === 'HTTP' && { ProtocolVersion: 'HTTP1' }),
    IpAddressType: 'ipv4',
  }
}

export function listenerOutput(listener: Listener): Output {
  return {
    ListenerArn: listener.arn,
    LoadBalancerArn: listener.loadBalancerArn,
    Port: listener.port,
    Protocol: listener.protocol,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: listener.targetGroupArn }],
  }
}

export function attributesOutput(attributes: Readonly<Record<string, string>>): Output {
  return { Attributes: Object.entries(attributes).map(([Key, Value]) => ({ Key, Value })) }
}
