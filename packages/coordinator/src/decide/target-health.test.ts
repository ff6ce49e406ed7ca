import { expect, test } from 'vitest'
import { worseHealth } from './target-health.ts'

const health = (state: string) => ({ state, reason: null })

test.each([
  ['one port unhealthy: not healthy', 'healthy', 'unhealthy', 'unhealthy'],
  ['one port initial: not healthy', 'healthy', 'initial', 'initial'],
  ['one port drains: it drains', 'unhealthy', 'draining', 'draining'],
  [
    'one port ill and letting its flows end: not healthy',
    'healthy',
    'unhealthy.draining',
    'unhealthy.draining',
  ],
  ['one port without health checks: not healthy', 'healthy', 'unavailable', 'unavailable'],
  ['one port in a state nobody knows: not healthy', 'healthy', 'resting', 'resting'],
  ['both ports healthy: healthy', 'healthy', 'healthy', 'healthy'],
])('%s', (_, a, b, expected) => {
  expect(worseHealth(health(a), health(b)).state).toBe(expected)
  expect(worseHealth(health(b), health(a)).state).toBe(expected)
})
