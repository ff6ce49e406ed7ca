import type { Check, CheckResult } from '../load-balancer/probe.ts'
import type { ClassicLoadBalancer } from './classic.ts'

/** One registered instance of a target group or of a classic load balancer. */
export type Target = {
  readonly instanceId: string
  readonly ip: string
  readonly port: number
  /** `unused` targets are not kept: a target without a listener reads unused by where its group stands. */
  state: 'initial' | 'healthy' | 'unhealthy' | 'draining'
  /** Why the target is in its state, where AWS gives a reason. */
  reason: { code: string; description: string } | null
  /** Consecutive checks of one kind. */
  passed: number
  failed: number
  /** Good checks that make it healthy. */
  needed: number
  /** When its deregistration delay ends, milliseconds since the epoch. */
  unusedAt?: number
  /** Since when it is unhealthy, milliseconds since the epoch. */
  unhealthyAt?: number
}

/** Health check settings as ELBv2 bounds them (API CreateTargetGroup). */
export type HealthCheck = {
  /** Asked for over HTTP; a TCP check only connects. */
  path: string
  /** A port number or 'traffic-port'. */
  port: string
  protocol: 'HTTP' | 'TCP'
  intervalMs: number
  timeoutMs: number
  healthyThreshold: number
  unhealthyThreshold: number
  /** HTTP codes: `200`, `200,202` or `200-299`. */
  matcher: string
}

/** What every kind of load balancer has in common: instances that are registered, checked, used and drained. */
export type TargetPool = {
  /** ARN of a target group, name of a classic load balancer. */
  readonly id: string
  /** Port of a target that is registered without one. */
  readonly port: number
  healthCheck: HealthCheck
  /** As it was created; for the conditions of policies alone. */
  readonly tags: ReadonlyMap<string, string>
  readonly targets: Map<string, Target>
}

export type TargetGroup = TargetPool & {
  readonly kind: 'application' | 'network'
  readonly arn: string
  readonly name: string
  readonly protocol: 'HTTP' | 'TCP'
  readonly vpcId: string | null
  /** As in DescribeTargetGroupAttributes. */
  attributes: Record<string, string>
}

export type Pool = TargetGroup | ClassicLoadBalancer

/** How long a deregistered target goes on with what it has. */
export function drainMsOf(pool: Pool): number {
  if (pool.kind !== 'classic') return Number(pool.attributes['deregistration_delay.timeout_seconds']) * 1_000
  return pool.draining.enabled ? pool.draining.timeoutS * 1_000 : 0
}

/** A Network Load Balancer lets flows go on after the delay, unless told otherwise (NLB guide, deregistration delay). */
export function cutsAtTheEnd(pool: Pool): boolean {
  return (
    pool.kind !== 'network' ||
    pool.attributes['deregistration_delay.connection_termination.enabled'] === 'true'
  )
}

/**
 * Good checks that a registered target needs to become healthy: one at an Application Load Balancer, unless it comes back
 * out of its drain; the healthy threshold at the others (ALB, NLB and CLB guides, health checks).
 */
export function checksNeeded({ kind, healthCheck }: Pool, comesBack: boolean): number {
  return kind === 'application' && !comesBack ? 1 : healthCheck.healthyThreshold
}

/** The matcher as a predicate (ELBv2 API reference, Matcher: values 200 to 499, comma-separated values or ranges). */
export function matches(matcher: string): (status: number) => boolean {
  const ranges = matcher.split(',').map((part) => {
    const [low = 0, high = low] = part.split('-').map(Number)
    return { low, high }
  })
  return (status) => ranges.some(({ low, high }) => status >= low && status <= high)
}

/** The check a load balancer makes of `target`. */
export function checkOf(pool: TargetPool, target: Target): Check {
  const { port, path, timeoutMs, matcher, protocol } = pool.healthCheck
  return {
    ip: target.ip,
    port: port === 'traffic-port' ? target.port : Number(port),
    path: protocol === 'TCP' ? null : path,
    timeoutMs,
    okStatus: matches(matcher),
  }
}

/**
 * Takes one answer into account: `needed` good checks end `initial`, the thresholds rule the rest (ALB guide, target group
 * health).
 * @param now milliseconds since the epoch
 */
export function judge(
  pool: Pick<TargetPool, 'healthCheck'>,
  target: Target,
  result: CheckResult,
  now: number,
): void {
  if (target.state === 'draining') return
  if (result.ok) {
    target.failed = 0
    target.passed += 1
    if (target.state === 'healthy' || target.passed < target.needed) return
    target.state = 'healthy'
    target.reason = null
    return
  }
  target.passed = 0
  target.failed += 1
  if (target.failed < pool.healthCheck.unhealthyThreshold && target.state !== 'unhealthy') return
  if (target.state !== 'unhealthy') target.unhealthyAt = now
  target.state = 'unhealthy'
  target.needed = pool.healthCheck.healthyThreshold
  target.reason = { code: result.reason, description: result.description }
}
