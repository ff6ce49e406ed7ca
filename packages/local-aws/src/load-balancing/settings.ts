import { integer, memberName, need, rows, structure, text } from '../input.ts'
import { AwsError, type Input } from '../wire/operation.ts'
import type { HealthCheck, TargetGroup } from './target-group.ts'

/** Defaults of a target group for instances, and of a TCP one with the health check asked for (ELBv2 API CreateTargetGroup). */
export function defaultHealthCheck(group: TargetGroup['protocol'], check: string | undefined): HealthCheck {
  const common = {
    path: '/',
    port: 'traffic-port',
    intervalMs: 30_000,
    healthyThreshold: 5,
    unhealthyThreshold: 2,
  }
  if (group === 'HTTP') return { ...common, protocol: 'HTTP', timeoutMs: 5_000, matcher: '200' }
  const protocol = check === 'HTTP' ? 'HTTP' : 'TCP'
  return { ...common, protocol, timeoutMs: protocol === 'TCP' ? 10_000 : 6_000, matcher: '200-399' }
}

/** @throws {AwsError} ValidationError for what is not offered here. */
export function readProtocol(
  input: Input,
  name: string,
  fallback: TargetGroup['protocol'],
): TargetGroup['protocol'] {
  const protocol = text(input, name) ?? fallback
  if (protocol === 'HTTP' || protocol === 'TCP') return protocol
  throw new AwsError('ValidationError', `The protocol '${protocol}' is not offered here`)
}

const bounds = {
  HealthCheckIntervalSeconds: [5, 300],
  HealthCheckTimeoutSeconds: [2, 120],
  HealthyThresholdCount: [2, 10],
  UnhealthyThresholdCount: [2, 10],
  PageSize: [1, 400],
} as const

function bounded(input: Input, name: keyof typeof bounds): number | undefined {
  const value = integer(input, name)
  const [low, high] = bounds[name]
  if (value === undefined || (value >= low && value <= high)) return value
  const [word, bound] = value < low ? ['greater', low] : ['less', high]
  throw new AwsError(
    'ValidationError',
    `1 validation error detected: Value '${value}' at '${memberName(name)}' failed to satisfy constraint: Member must have value ${word} than or equal to ${bound}`,
  )
}

/** Rows of a page, as many as there may be unless told otherwise. @throws {AwsError} ValidationError. */
export function pageSize(input: Input): number {
  return bounded(input, 'PageSize') ?? bounds.PageSize[1]
}

/** Settings of a request over those before. @throws {AwsError} ValidationError outside ELBv2's bounds. */
export function readHealthCheck(input: Input, before: HealthCheck): HealthCheck {
  const interval = bounded(input, 'HealthCheckIntervalSeconds')
  const timeout = bounded(input, 'HealthCheckTimeoutSeconds')
  const check: HealthCheck = {
    path: text(input, 'HealthCheckPath') ?? before.path,
    port: text(input, 'HealthCheckPort') ?? before.port,
    protocol: readProtocol(input, 'HealthCheckProtocol', before.protocol),
    intervalMs: interval === undefined ? before.intervalMs : interval * 1_000,
    timeoutMs: timeout === undefined ? before.timeoutMs : timeout * 1_000,
    healthyThreshold: bounded(input, 'HealthyThresholdCount') ?? before.healthyThreshold,
    unhealthyThreshold: bounded(input, 'UnhealthyThresholdCount') ?? before.unhealthyThreshold,
    matcher: text(structure(input, 'Matcher'), 'HttpCode') ?? before.matcher,
  }
  if (check.timeoutMs >= check.intervalMs)
    throw new AwsError(
      'ValidationError',
      `Health check timeout '${check.timeoutMs / 1_000}' must be smaller than the interval '${check.intervalMs / 1_000}'`,
    )
  if (!check.path.startsWith('/'))
    throw new AwsError(
      'ValidationError',
      `Health check path '${check.path}' must begin with a '/' and contain only printable ASCII characters, without spaces`,
    )
  if (check.port !== 'traffic-port' && !/^[1-9]\d{0,4}$/.test(check.port))
    throw new AwsError('ValidationError', `Health check port '${check.port}' must be in the range [1, 65535]`)
  if (!/^[2-4]\d\d(?:[-,][2-4]\d\d)*$/.test(check.matcher))
    throw new AwsError(
      'ValidationError',
      `Health check matcher HTTP code '${check.matcher}' must be within '200-499' inclusive`,
    )
  return check
}

const applicationAttributes: Readonly<Record<string, string>> = {
  'deregistration_delay.timeout_seconds': '300',
  'slow_start.duration_seconds': '0',
  'stickiness.enabled': 'false',
  'stickiness.type': 'lb_cookie',
  'stickiness.lb_cookie.duration_seconds': '86400',
  'load_balancing.algorithm.type': 'round_robin',
  'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
}

const networkAttributes: Readonly<Record<string, string>> = {
  'deregistration_delay.timeout_seconds': '300',
  'deregistration_delay.connection_termination.enabled': 'false',
  'target_health_state.unhealthy.connection_termination.enabled': 'true',
  'target_health_state.unhealthy.draining_interval_seconds': '0',
  'stickiness.enabled': 'false',
  'stickiness.type': 'source_ip',
  'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
}

/** Attributes a target group can have here, with their defaults (ELBv2 API TargetGroupAttribute). */
export function defaultAttributes(protocol: TargetGroup['protocol']): Record<string, string> {
  return { ...(protocol === 'TCP' ? networkAttributes : applicationAttributes) }
}

/** @throws {AwsError} ValidationError for a key the group does not have or a value outside its bounds. */
export function checkAttribute({ attributes }: TargetGroup, key: string, value: string): void {
  const invalid = (range: string) =>
    new AwsError('ValidationError', `'${key}' must be ${range}, but got '${value}'`)
  if (!(key in attributes))
    throw new AwsError('ValidationError', `Target group attribute key '${key}' is not recognized`)
  const number = /^\d{1,6}$/.test(value) ? Number(value) : NaN
  if (key === 'deregistration_delay.timeout_seconds' && !(number >= 0 && number <= 3_600))
    throw invalid('between 0 and 3600 inclusive')
  if (key === 'slow_start.duration_seconds' && number !== 0 && !(number >= 30 && number <= 900))
    throw invalid('0 or between 30 and 900 inclusive')
  if (key.endsWith('.draining_interval_seconds') && !(number >= 0 && number <= 360_000))
    throw invalid('between 0 and 360000 inclusive')
}

/** Tags given at creation, by key. */
export function readTags(input: Input): Map<string, string> {
  return new Map(rows(input, 'Tags').map((row) => [need(row, 'Key'), text(row, 'Value') ?? '']))
}
