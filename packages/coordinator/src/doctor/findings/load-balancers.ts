import { formatDuration } from '@switchover/contract/duration'
import { becomingHealthyMs, type TrafficSettings } from '../../status/judge/traffic.ts'
import type { Check, Finding } from './finding.ts'

/** A rollback within a minute is the promise; what takes longer by itself breaks it. Milliseconds. */
const promiseMs = 60_000

/** Nothing can come back before its drain is over, so that right after the switch a rollback waits for all of it. */
export const slowDrain: Check = ({ traffic }) =>
  traffic.flatMap((one): Finding[] => {
    if (one.drainMs <= promiseMs) return []
    const drain = formatDuration(one.drainMs)
    return [
      {
        code: 'slow-drain',
        severity: 'warning',
        what: `${one.name} lets instances drain for ${drain}.`,
        risk: `Parking takes that long, and so does a rollback right after a switch: up to ${drain} before the first instance can return.`,
        mend:
          one.kind === 'classic'
            ? `aws elb modify-load-balancer-attributes --load-balancer-name ${one.name} --load-balancer-attributes 'ConnectionDraining={Enabled=true,Timeout=30}'`
            : `aws elbv2 modify-target-group-attributes --target-group-arn ${one.id} --attributes Key=deregistration_delay.timeout_seconds,Value=30`,
        fix: null,
      },
    ]
  })

/** Health checks that keep a good instance waiting: at every deployment, every rollback, every recovery. */
export const slowHealthChecks: Check = ({ traffic }) =>
  traffic.flatMap((one): Finding[] => {
    const [becoming, recovering] = [becomingHealthyMs(one), one.intervalMs * one.healthyThreshold]
    if (becoming <= promiseMs && recovering <= promiseMs) return []
    return [
      {
        code: 'slow-health-checks',
        severity: becoming > promiseMs ? 'warning' : 'note',
        what: `${one.name} checks every ${seconds(one.intervalMs)} and wants ${one.healthyThreshold} passes to trust a failed instance again.`,
        risk: `A good instance waits up to ${seconds(becoming)} for its first traffic, one that has recovered ${seconds(recovering)}, and a bad one keeps its traffic for ${seconds(one.intervalMs * one.unhealthyThreshold)}.`,
        mend: faster(one),
        fix: null,
      },
    ]
  })

function faster({ kind, id, name }: TrafficSettings): string {
  return kind === 'classic'
    ? `aws elb describe-load-balancers --load-balancer-names ${name}, then aws elb configure-health-check --load-balancer-name ${name} --health-check Target=ITS-TARGET,Interval=5,Timeout=2,HealthyThreshold=2,UnhealthyThreshold=2`
    : `aws elbv2 modify-target-group --target-group-arn ${id} --health-check-interval-seconds 5 --health-check-timeout-seconds 2 --healthy-threshold-count 2`
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`
}
