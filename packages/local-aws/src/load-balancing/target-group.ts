import type { Check, CheckResult } from '../load-balancer/probe.ts'

/** One registered instance of a target group. */
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
}

/** Health check settings as ELBv2 bounds them (API CreateTargetGroup). */
export type HealthCheck = {
  path: string
  /** A port number or 'traffic-port'. */
  port: string
  protocol: string
  intervalMs: number
  timeoutMs: number
  healthyThreshold: number
  unhealthyThreshold: number
  /** HTTP codes: `200`, `200,202` or `200-299`. */
  matcher: string
}

export type TargetGroup = {
  readonly arn: string
  readonly name: string
  readonly protocol: string
  readonly port: number
  readonly vpcId: string | null
  healthCheck: HealthCheck
  /** As in DescribeTargetGroupAttributes. */
  attributes: Record<string, string>
  readonly targets: Map<string, Target>
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
export function checkOf(group: TargetGroup, target: Target): Check {
  const { port, path, timeoutMs, matcher } = group.healthCheck
  return {
    ip: target.ip,
    port: port === 'traffic-port' ? target.port : Number(port),
    path,
    timeoutMs,
    okStatus: matches(matcher),
  }
}

/** Takes one answer into account: one good check ends `initial`, the thresholds rule the rest (ALB guide, target group health). */
export function judge(group: TargetGroup, target: Target, result: CheckResult): void {
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
  if (target.failed < group.healthCheck.unhealthyThreshold && target.state !== 'unhealthy') return
  target.state = 'unhealthy'
  target.needed = group.healthCheck.healthyThreshold
  target.reason = { code: result.reason, description: result.description }
}
