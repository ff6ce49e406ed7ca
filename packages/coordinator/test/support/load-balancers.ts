import {
  ConfigureHealthCheckCommand,
  CreateLoadBalancerCommand as CreateClassicCommand,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ModifyTargetGroupAttributesCommand,
  type CreateTargetGroupCommandInput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Cloud } from '@switchover/local-aws/cloud'
import type { AwsClients } from '../../src/aws/clients.ts'

/** What a service may stand behind; `admin` is a second target group of the Application Load Balancer's kind. */
export type SourceKind = 'alb' | 'admin' | 'nlb' | 'classic'

/** What CreateAutoScalingGroup takes. */
export type Sources = { TargetGroupARNs: string[]; LoadBalancerNames: string[] }

/** What a test may set of all of them; left out, each kind has settings of its own. Seconds. */
export type SourceSettings = Readonly<{
  drain: number
  slowStart: number
  healthCheck: Readonly<{
    HealthCheckPort: string
    HealthCheckPath: string
    HealthCheckIntervalSeconds: number
    HealthCheckTimeoutSeconds: number
    HealthyThresholdCount: number
    UnhealthyThresholdCount: number
  }>
}>

/** @param settings left out: each drains for 20 s */
export async function createSources(
  clients: AwsClients,
  kinds: readonly SourceKind[],
  settings?: SourceSettings,
): Promise<Sources> {
  const sources: Sources = { TargetGroupARNs: [], LoadBalancerNames: [] }
  for (const kind of kinds) {
    if (kind === 'classic') sources.LoadBalancerNames.push(await createClassic(clients, settings))
    else if (kind === 'nlb') sources.TargetGroupARNs.push(await createTargetGroup(clients, flows, settings))
    else sources.TargetGroupARNs.push(await createTargetGroup(clients, { ...requests, Name: kind }, settings))
  }
  return sources
}

/** Instances of any group that every one of them sends new requests to. */
export function healthyBehind(
  { loadBalancing, autoScaling }: Cloud,
  { TargetGroupARNs, LoadBalancerNames }: Sources,
): string[] {
  const pools = [...TargetGroupARNs, ...LoadBalancerNames].map((id) => loadBalancing.pool(id))
  const members = [...autoScaling.groups.values()].flatMap((group) => [...group.members.keys()])
  return members.filter((id) => pools.every((pool) => pool?.targets.get(id)?.state === 'healthy'))
}

const requests = { Name: 'alb', Protocol: 'HTTP', Port: 8_080, VpcId: 'vpc-0local' } as const
const flows = {
  Name: 'nlb',
  Protocol: 'TCP',
  Port: 8_080,
  HealthCheckIntervalSeconds: 10,
  HealthCheckTimeoutSeconds: 5,
  HealthyThresholdCount: 3,
} as const

async function createTargetGroup(
  { elb }: AwsClients,
  kind: CreateTargetGroupCommandInput & { Name: string; Protocol: 'HTTP' | 'TCP' },
  settings?: SourceSettings,
): Promise<string> {
  const Type = kind.Protocol === 'TCP' ? 'network' : 'application'
  const balancer = await elb.send(
    new CreateLoadBalancerCommand({ Name: kind.Name, Type, Subnets: ['subnet-1', 'subnet-2'] }),
  )
  const check = settings && { ...settings.healthCheck, HealthCheckProtocol: 'HTTP' as const }
  const targets = await elb.send(new CreateTargetGroupCommand({ ...kind, ...check }))
  const TargetGroupArn = targets.TargetGroups?.[0]?.TargetGroupArn ?? ''
  await elb.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn,
      Attributes: [
        { Key: 'deregistration_delay.timeout_seconds', Value: String(settings?.drain ?? 20) },
        ...(settings && kind.Protocol === 'HTTP'
          ? [{ Key: 'slow_start.duration_seconds', Value: String(settings.slowStart) }]
          : []),
      ],
    }),
  )
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancer.LoadBalancers?.[0]?.LoadBalancerArn,
      Port: 80,
      Protocol: kind.Protocol,
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    }),
  )
  return TargetGroupArn
}

async function createClassic({ classicElb }: AwsClients, settings?: SourceSettings): Promise<string> {
  const LoadBalancerName = 'old-web'
  await classicElb.send(
    new CreateClassicCommand({
      LoadBalancerName,
      Listeners: [{ Protocol: 'HTTP', LoadBalancerPort: 80, InstancePort: 8_080 }],
      AvailabilityZones: ['us-east-1a', 'us-east-1b'],
    }),
  )
  await classicElb.send(
    new ConfigureHealthCheckCommand({
      LoadBalancerName,
      HealthCheck: {
        ...(settings ? classicCheck(settings) : defaultClassicCheck),
      },
    }),
  )
  await classicElb.send(
    new ModifyLoadBalancerAttributesCommand({
      LoadBalancerName,
      LoadBalancerAttributes: { ConnectionDraining: { Enabled: true, Timeout: settings?.drain ?? 20 } },
    }),
  )
  return LoadBalancerName
}

const defaultClassicCheck = {
  Target: 'HTTP:8080/',
  Interval: 10,
  Timeout: 5,
  HealthyThreshold: 3,
  UnhealthyThreshold: 2,
}

function classicCheck({ healthCheck }: SourceSettings): typeof defaultClassicCheck {
  return {
    Target: `HTTP:${healthCheck.HealthCheckPort}${healthCheck.HealthCheckPath}`,
    Interval: healthCheck.HealthCheckIntervalSeconds,
    Timeout: healthCheck.HealthCheckTimeoutSeconds,
    HealthyThreshold: healthCheck.HealthyThresholdCount,
    UnhealthyThreshold: healthCheck.UnhealthyThresholdCount,
  }
}
