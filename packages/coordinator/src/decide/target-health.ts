import type { TargetHealth } from './world.ts'

/** The worst first; what nobody knows here stands between unhealthy and initial. */
const worst = ['draining', 'unhealthy.draining', 'unhealthy', 'unavailable', 'unused']
const best = ['initial', 'healthy']

function rank(state: string): number {
  const at = worst.indexOf(state)
  if (at >= 0) return at
  return best.includes(state) ? worst.length + 1 + best.indexOf(state) : worst.length
}

/**
 * Which of two states counts for an instance that has both: it may be registered on several ports of one target group. It
 * is healthy only where every port is, and drains as long as any does.
 */
export function worseHealth(a: TargetHealth, b: TargetHealth): TargetHealth {
  return rank(b.state) < rank(a.state) ? b : a
}
