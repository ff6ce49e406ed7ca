import { describe, expect, test } from 'vitest'
import type { Bar, BarKind, Lane, Mark, Row } from './model.ts'
import { partsOf, slowestOf } from './parts.ts'

/** `launch 5 pull 10 …`: kinds with their lengths in seconds, one after the other from `at` on. */
function row(
  id: string,
  at: number,
  spent: readonly [BarKind, number][],
  servedAt: number | null = null,
): Row {
  let from = at * 1_000
  const bars = spent.map(([kind, seconds]): Bar => {
    const bar = { kind, from, to: from + seconds * 1_000 }
    from = bar.to
    return bar
  })
  const note = { note: null, logs: [], pulledBytes: null, zone: null }
  return { id, bars, servedAt: servedAt === null ? null : servedAt * 1_000, ...note }
}

const mark = (at: number, text: string, switched = false): Mark => ({ at: at * 1_000, text, switched })
const told = (...args: Parameters<typeof partsOf>) =>
  partsOf(...args).map(({ what, from, to }) => `${what} ${from / 1_000}-${to / 1_000}`)

const fresh: Lane = {
  side: 'new',
  group: 'web-green',
  rows: [
    row(
      'i-1',
      5,
      [
        ['launch', 5],
        ['boot', 10],
        ['pull', 5],
        ['health', 5],
        ['service', 70],
      ],
      30,
    ),
    row(
      'i-2',
      5,
      [
        ['launch', 5],
        ['boot', 10],
        ['pull', 20],
        ['health', 5],
        ['service', 55],
      ],
      45,
    ),
  ],
}
const old: Lane = {
  side: 'old',
  group: 'web-blue',
  rows: [
    row('i-3', 0, [
      ['service', 50],
      ['draining', 40],
      ['standby', 10],
    ]),
  ],
}

describe('where the time of a section went', () => {
  test.each<[string, Parameters<typeof partsOf>, string[]]>([
    [
      'a deploy: the slowest instance, then the switch, then the drain',
      ['deploy', [fresh, old], [mark(50, 'switched at 50s', true)], 100_000],
      [
        'looking, tagging, sizing 0-5',
        'launch: EC2 starts the machine 5-10',
        'boot: until its agent starts 10-20',
        'pull: the image 20-40',
        'health checks of the load balancer 40-45',
        'parking the old fleet 45-50',
        'drain: connections to the old fleet end 50-90',
        'closing 90-100',
      ],
    ],
    [
      'one that failed: the instance that failed, then the way back',
      [
        'deploy',
        [
          {
            ...fresh,
            rows: [
              row('i-1', 5, [
                ['launch', 5],
                ['pull', 10],
                ['ending', 20],
              ]),
              row('i-2', 5, [
                ['launch', 5],
                ['pull', 5],
                ['failed', 5],
                ['ending', 20],
              ]),
            ],
          },
        ],
        [mark(20, 'turned back at 20s')],
        40_000,
      ],
      [
        'looking, tagging, sizing 0-5',
        'launch: EC2 starts the machine 5-10',
        'pull: the image 10-15',
        'the agent had given up 15-20',
        'going back 20-40',
      ],
    ],
    [
      'a rollback',
      [
        'rollback',
        [
          {
            ...old,
            rows: [
              row('i-3', 0, [
                ['standby', 2],
                ['returning', 8],
                ['service', 90],
              ]),
            ],
          },
        ],
        [mark(15, 'switched at 15s', true)],
        100_000,
      ],
      [
        'looking, tagging, sizing 0-2',
        'parked instances return and are checked 2-10',
        'the switch 10-15',
        'drain and end of the new fleet 15-100',
      ],
    ],
    ['a finish', ['finish', [old], [], 100_000], ['detach and terminate the parked instances 0-100']],
    [
      'what nobody saw',
      ['deploy', [], [mark(60, 'switched at 1m', true)], 100_000],
      ['until the switch, not seen 0-60', 'after the switch 60-100'],
    ],
    ['nothing at all', ['deploy', [], [], 100_000], []],
  ])('%s', (_, args, parts) => {
    expect(told(...args)).toEqual(parts)
  })
})

test('the slowest is the last that served before the switch', () => {
  expect(slowestOf([fresh, old])?.id).toBe('i-2')
  expect(slowestOf([fresh, old], 40_000)?.id).toBe('i-1')
  expect(slowestOf([old])).toBeNull()
})
