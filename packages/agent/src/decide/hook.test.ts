import { describe, expect, test } from 'vitest'
import { decideLaunchHook, launchHookIn } from './hook.ts'

describe('the launch hook', () => {
  test.each([
    ['Pending', 'each', 'ready', 0, 'look-again'],
    ['Pending:Wait', 'each', 'working', 0, 'look-again'],
    ['Pending:Wait', 'each', 'working', 10_000, 'heartbeat'],
    ['Pending:Wait', 'each', 'ready', 0, 'complete'],
    ['Pending:Wait', 'each', 'failed', 0, 'complete'],
    ['Pending:Wait', 'together', 'ready', 0, 'look-again'],
    ['Pending:Wait', 'together', 'failed', 10_000, 'heartbeat'],
    ['Pending:Wait', 'each', 'pooled', 10_000, 'heartbeat'],
    ['Warmed:Pending', 'each', 'pooled', 10_000, 'look-again'],
    ['Warmed:Pending:Wait', 'each', 'working', 0, 'look-again'],
    ['Warmed:Pending:Wait', 'each', 'working', 10_000, 'heartbeat'],
    ['Warmed:Pending:Wait', 'together', 'pooled', 0, 'complete'],
    ['Warmed:Pending:Wait', 'together', 'failed', 0, 'complete'],
    ['Warmed:Running', 'each', 'pooled', 10_000, 'look-again'],
    ['Pending:Proceed', 'each', 'ready', 0, 'done'],
    ['InService', 'each', 'working', 0, 'done'],
    [null, 'each', 'ready', 0, 'look-again'],
  ] as const)('%s, %s, %s', (state, release, outcome, since, kind) => {
    expect(decideLaunchHook(state, release, outcome, since, 30_000).kind).toBe(kind)
  })

  test('a failed machine is abandoned', () => {
    const step = decideLaunchHook('Pending:Wait', 'each', 'failed', 0, 30_000)
    expect(step).toEqual({ kind: 'complete', result: 'ABANDON' })
  })
})

test.each([
  ['Pending', 'later'],
  ['Pending:Wait', 'waits'],
  ['Pending:Proceed', 'over'],
  ['InService', 'over'],
  ['Terminating:Wait', 'over'],
  ['Warmed:Pending', 'later'],
  ['Warmed:Pending:Wait', 'waits'],
  ['Warmed:Pending:Proceed', 'later'],
  ['Warmed:Stopped', 'later'],
])('in %s the launch hook waits: %s', (state, expected) => {
  expect(launchHookIn(state)).toBe(expected)
})
