import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetHealthCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { AwsClients } from '../aws/clients.ts'
import type { TargetHealth, TrafficSource } from '../decide/world.ts'

export type TargetGroupSettings = Pick<TrafficSource, 'id' | 'name' | 'deregistrationDelay' | 'slowStart'>

/** Settings of a target group that matter for how long things take; they are read once a phase. */
export async function readTargetGroup(clients: AwsClients, arn: string): Promise<TargetGroupSettings> {
  const { Attributes = [] } = await clients.elb.send(
    new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn }),
  )
  const seconds = (key: string): number => {
    const value = Number(Attributes.find((attribute) => attribute.Key === key)?.Value ?? 0)
    return Number.isFinite(value) ? value : 0
  }
  return {
    id: arn,
    name: targetGroupName(arn),
    deregistrationDelay: seconds('deregistration_delay.timeout_seconds') * 1_000,
    slowStart: seconds('slow_start.duration_seconds') * 1_000,
  }
}

/** Health of every registered target by instance id. Not paginated: one reply holds them all (aws.md 1.12). */
export async function readHealth(
  clients: AwsClients,
  arn: string,
): Promise<ReadonlyMap<string, TargetHealth>> {
  const { TargetHealthDescriptions = [] } = await clients.elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: arn }),
  )
  const health = new Map<string, TargetHealth>()
  for (const { Target, TargetHealth: found } of TargetHealthDescriptions) {
    if (Target?.Id === undefined) continue
    const next = { state: found?.State ?? 'unknown', reason: found?.Reason ?? null }
    const known = health.get(Target.Id)
    // Registered on several ports: healthy only when every one of them is.
    if (!known || known.state === 'healthy') health.set(Target.Id, next)
  }
  return health
}

/** NAME of arn:…:targetgroup/NAME/ID. */
function targetGroupName(arn: string): string {
  return arn.split('/')[1] ?? arn
}
