import { integer, need, structure } from '../../input.ts'
import { AwsError, type Input, type Operation, type Output } from '../../wire/operation.ts'
import type { HealthCheck } from '../target-group.ts'

/** Defaults of CLB guide, health checks: so a returning instance takes five minutes. */
export function defaultCheck(instancePort: number): HealthCheck {
  return {
    protocol: 'TCP',
    port: String(instancePort),
    path: '/',
    matcher: '200',
    intervalMs: 30_000,
    timeoutMs: 5_000,
    healthyThreshold: 10,
    unhealthyThreshold: 2,
  }
}

export const configureHealthCheck: Operation = (cloud, input) => {
  const balancer = cloud.loadBalancing.classicLoadBalancer(need(input, 'LoadBalancerName'))
  balancer.healthCheck = readCheck(structure(input, 'HealthCheck'))
  return { HealthCheck: healthCheckOutput(balancer.healthCheck) }
}

const target = /^(?:(?<tcp>TCP):(?<tcpPort>\d{1,5})|(?<http>HTTP):(?<httpPort>\d{1,5})(?<path>\/\S*))$/

/** `TCP:port` or `HTTP:port/path`. @throws {AwsError} ValidationError for others and outside ELB's bounds. */
function readCheck(input: Input): HealthCheck {
  const asked = need(input, 'Target')
  const found = target.exec(asked)?.groups
  const port = Number(found?.['tcpPort'] ?? found?.['httpPort'])
  if (!found || port < 1 || port > 65_535)
    throw new AwsError(
      'ValidationError',
      `HealthCheck target '${asked}' must be TCP:port or HTTP:port/path here`,
    )
  const check: HealthCheck = {
    protocol: found['tcp'] === undefined ? 'HTTP' : 'TCP',
    port: String(port),
    path: found['path'] ?? '/',
    matcher: '200',
    intervalMs: bounded(input, 'Interval', 5, 300) * 1_000,
    timeoutMs: bounded(input, 'Timeout', 2, 60) * 1_000,
    healthyThreshold: bounded(input, 'HealthyThreshold', 2, 10),
    unhealthyThreshold: bounded(input, 'UnhealthyThreshold', 2, 10),
  }
  if (check.timeoutMs >= check.intervalMs)
    throw new AwsError('ValidationError', 'HealthCheck timeout must be less than interval')
  return check
}

function bounded(input: Input, name: string, least: number, most: number): number {
  need(input, name)
  const value = integer(input, name) ?? least
  if (value >= least && value <= most) return value
  throw new AwsError('ValidationError', `HealthCheck ${name} must be between ${least} and ${most}`)
}

export function healthCheckOutput(check: HealthCheck): Output {
  return {
    Target: `${check.protocol}:${check.port}${check.protocol === 'HTTP' ? check.path : ''}`,
    Interval: check.intervalMs / 1_000,
    Timeout: check.timeoutMs / 1_000,
    UnhealthyThreshold: check.unhealthyThreshold,
    HealthyThreshold: check.healthyThreshold,
  }
}
