import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetHealthCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { AwsClients } from '../aws/clients.ts'
import { worseHealth } from '../decide/target-health.ts'
import type { TargetHealth, TrafficTimings } from '../decide/world.ts'

export async function readTargetGroupTimings({ elb }: AwsClients, arn: string): Promise<TrafficTimings> {
  const { Attributes = [] } = await elb.send(
    new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn }),
  )
  const milliseconds = (key: string): number => {
    const value = Number(Attributes.find((attribute) => attribute.Key === key)?.Value ?? 0)
    return Number.isFinite(value) ? value * 1_000 : 0
  }
  return {
    deregistrationDelay: milliseconds('deregistration_delay.timeout_seconds'),
    slowStart: milliseconds('slow_start.duration_seconds'),
  }
}

/**
 * Health of every registered target by instance id. Not paginated: one reply holds them all (API reference,
 * DescribeTargetHealth).
 */
export async function readTargetHealth(
  { elb }: AwsClients,
  arn: string,
): Promise<ReadonlyMap<string, TargetHealth>> {
  const { TargetHealthDescriptions = [] } = await elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: arn }),
  )
  const health = new Map<string, TargetHealth>()
  for (const { Target, TargetHealth: found } of TargetHealthDescriptions) {
    if (Target?.Id === undefined) continue
    const next = { state: found?.State ?? 'unknown', reason: found?.Reason ?? null }
    const known = health.get(Target.Id)
    health.set(Target.Id, known ? worseHealth(known, next) : next)
  }
  return health
}
