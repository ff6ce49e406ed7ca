/** How a load balancer takes instances in and lets them go; what was set, not what is going on. */
export type TrafficSettings = Readonly<{
  /** ARN of a target group, name of a classic load balancer. */
  id: string
  name: string
  kind: 'application' | 'network' | 'classic'
  /** Milliseconds between two health checks of an instance. */
  intervalMs: number
  /** Passed checks in a row that make a failed instance healthy again. */
  healthyThreshold: number
  unhealthyThreshold: number
  /** Milliseconds; deregistration delay, connection draining. */
  drainMs: number
  /** Milliseconds in which a healthy instance gets less than its share; 0: none. */
  slowStartMs: number
}>

/** From the call that registers an instance to its first check. Milliseconds. */
const registrationMs = 3_000

/**
 * Milliseconds until an instance that answers its checks is healthy after it was registered, at the longest. An
 * application load balancer takes the first passed check (ALB guide, target group health checks); the others want all of the threshold.
 */
export function becomingHealthyMs({ kind, intervalMs, healthyThreshold }: TrafficSettings): number {
  return registrationMs + intervalMs * (kind === 'application' ? 1 : healthyThreshold)
}

/** Milliseconds, over all of them, an instance having to be healthy in each. */
export function longest(traffic: readonly TrafficSettings[], of: (one: TrafficSettings) => number): number {
  return Math.max(0, ...traffic.map(of))
}
