import type { AgentTrace } from '@switchover/contract/trace'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rowOf } from './bars.ts'
import type { Life } from './life.ts'

const startsAt = 1_000_000

/** Times in seconds from the beginning of the section. */
function life(states: readonly [number, string][], more: Partial<Life> = {}): Life {
  return {
    id: 'i-1',
    side: 'new',
    zone: 'us-east-1a',
    launchedAt: null,
    until: startsAt + 100_000,
    agent: null,
    lack: null,
    ...more,
    states: states.map(([at, state]) => [startsAt + at * 1_000, state] as const),
  }
}

function agent(startedAt: number, phase: AgentTrace['phase'], timings: AgentTrace['timings']): AgentTrace {
  return { startedAt: startsAt + startedAt * 1_000, phase, timings, reason: null, pull: null, logs: [] }
}

/** `launch 0-5 boot 5-10 …`, in seconds. */
function drawn(one: Life): string {
  return rowOf(one, startsAt)
    .bars.map(({ kind, from, to }) => `${kind} ${from / 1_000}-${to / 1_000}`)
    .join(' ')
}

const ready = {
  booting: 1_000,
  identifying: 500,
  resolving: 500,
  pulling: 9_000,
  retagging: 1_000,
  starting: 4_000,
  verifying: 4_000,
  ready: 50_000,
}
const giveUp = { code: 'app-unhealthy', sentence: 'It never answered.', kind: 'terminal' as const }

describe('an instance that comes up', () => {
  test.each<[string, Life, string]>([
    [
      'behind a launch hook: by its activity, its group, its agent and the load balancer',
      life(
        [
          [6, 'pending'],
          [9, 'booting'],
          [41, 'in-service'],
          [45, 'serving'],
        ],
        { launchedAt: startsAt + 4_000, agent: agent(20, 'ready', ready) },
      ),
      'launch 4-9 boot 9-20 agent 20-22 pull 22-32 compose 32-40 health 40-45 service 45-100',
    ],
    [
      'without a hook: in service from the first, and healthy once it is ready',
      life(
        [
          [6, 'pending'],
          [9, 'in-service'],
          [45, 'serving'],
        ],
        { agent: agent(20, 'ready', ready) },
      ),
      'launch 6-9 boot 9-20 agent 20-22 pull 22-32 compose 32-40 health 40-45 service 45-100',
    ],
    [
      'without an agent: what comes before its first health check is all boot',
      life([
        [6, 'pending'],
        [9, 'booting'],
        [30, 'in-service'],
        [45, 'serving'],
      ]),
      'launch 6-9 boot 9-30 health 30-45 service 45-100',
    ],
    [
      'whose agent was last heard of pulling: nothing after it is made up',
      life(
        [
          [6, 'pending'],
          [9, 'booting'],
        ],
        { agent: agent(20, 'pulling', { booting: 2_000, pulling: 3_000 }) },
      ),
      'launch 6-9 boot 9-20 agent 20-22 pull 22-100',
    ],
    [
      'whose agent gives up, and which its group takes back',
      life(
        [
          [6, 'pending'],
          [9, 'booting'],
          [50, 'ending'],
          [60, 'gone'],
        ],
        {
          until: startsAt + 60_000,
          agent: { ...agent(20, 'failed', { booting: 2_000, pulling: 8_000 }), reason: giveUp },
        },
      ),
      'launch 6-9 boot 9-20 agent 20-22 pull 22-30 failed 30-50 ending 50-60',
    ],
    [
      'whose agent was started anew after it served: its boot is not told by that agent',
      life(
        [
          [6, 'pending'],
          [9, 'booting'],
          [30, 'in-service'],
          [45, 'serving'],
        ],
        { agent: agent(70, 'ready', ready) },
      ),
      'launch 6-9 boot 9-30 health 30-45 service 45-100',
    ],
    [
      'unseen: its agent remembers its boot, nobody when it came into service',
      life([[80, 'serving']], { agent: agent(20, 'ready', ready) }),
      'agent 20-22 pull 22-32 compose 32-40 unseen 40-80 service 80-100',
    ],
    [
      'that falls ill once it served',
      life([
        [6, 'pending'],
        [9, 'in-service'],
        [45, 'serving'],
        [60, 'in-service'],
        [70, 'serving'],
      ]),
      'launch 6-9 health 9-45 service 45-60 unhealthy 60-70 service 70-100',
    ],
  ])('%s', (_, one, bars) => {
    expect(drawn(one)).toBe(bars)
  })
})

describe('an instance that was there before', () => {
  test.each<[string, Life, string]>([
    [
      'is parked',
      life(
        [
          [0, 'serving'],
          [40, 'draining'],
          [70, 'standby'],
        ],
        { side: 'old' },
      ),
      'service 0-40 draining 40-70 standby 70-100',
    ],
    [
      'returns',
      life(
        [
          [0, 'standby'],
          [10, 'pending'],
          [12, 'in-service'],
          [20, 'serving'],
        ],
        { side: 'old' },
      ),
      'standby 0-10 returning 10-20 service 20-100',
    ],
    [
      'ends, and is gone',
      life(
        [
          [0, 'standby'],
          [10, 'ending'],
          [30, 'gone'],
        ],
        { side: 'old', until: startsAt + 30_000 },
      ),
      'standby 0-10 ending 10-30',
    ],
    [
      'was launched for an earlier section: its boot is not drawn again',
      life([[0, 'serving']], { launchedAt: startsAt - 3_600_000, agent: agent(-3_580, 'ready', ready) }),
      'service 0-100',
    ],
    [
      'was not looked at for a while',
      life(
        [
          [0, 'serving'],
          [30, 'unseen'],
          [60, 'serving'],
        ],
        { side: 'old' },
      ),
      'service 0-30 unseen 30-60 service 60-100',
    ],
    [
      'is in a state nobody knows yet',
      life(
        [
          [0, 'serving'],
          [30, 'hibernating'],
        ],
        { side: 'old' },
      ),
      'service 0-100',
    ],
  ])('%s', (_, one, bars) => {
    expect(drawn(one)).toBe(bars)
  })
})

test('why it did not come up is said, and nothing of one that did', () => {
  const failed = { ...agent(20, 'failed', {}), reason: giveUp, logs: ['web | panic'] }
  expect(rowOf(life([[6, 'pending']], { agent: failed, lack: 'failed' }), startsAt)).toMatchObject({
    note: 'It never answered.',
    logs: ['web | panic'],
  })
  expect(rowOf(life([[6, 'pending']], { lack: 'no report yet' }), startsAt).note).toBe('no report yet')
  expect(
    rowOf(
      life(
        [
          [6, 'pending'],
          [7, 'serving'],
        ],
        { lack: 'no report yet' },
      ),
      startsAt,
    ).note,
  ).toBeNull()
})

test('bars have no holes and no overlaps, whatever was seen and whatever an agent says', () => {
  const words = fc.constantFrom(
    'pending',
    'booting',
    'in-service',
    'serving',
    'draining',
    'standby',
    'ending',
    'unseen',
    'other',
  )
  const states = fc.array(fc.tuple(fc.integer({ min: 0, max: 90 }), words), { minLength: 1, maxLength: 12 })
  const told = fc.record({
    startedAt: fc.integer({ min: -100, max: 200 }),
    pulling: fc.integer({ min: 0, max: 100_000 }),
    phase: fc.constantFrom('booting' as const, 'pulling' as const, 'ready' as const, 'failed' as const),
  })
  fc.assert(
    fc.property(
      states,
      fc.option(told),
      fc.option(fc.integer({ min: -10, max: 50 })),
      (seen, report, launched) => {
        const one = life(
          seen.toSorted((a, b) => a[0] - b[0]),
          {
            agent:
              report && agent(report.startedAt, report.phase, { booting: 1_000, pulling: report.pulling }),
            launchedAt: launched === null ? null : startsAt + launched * 1_000,
          },
        )
        const { bars } = rowOf(one, startsAt)
        for (const [index, { from, to }] of bars.entries()) {
          expect(to).toBeGreaterThanOrEqual(from)
          if (index > 0) expect(from).toBe(bars[index - 1]?.to)
        }
      },
    ),
  )
})
