import { describe, expect, test } from 'vitest'
import { barWords } from './words.ts'
import type { Bar, Row, Section, Timeline } from './model.ts'
import { timelineText } from './text.ts'

function row(id: string, servedAt: number, more: Partial<Row> = {}): Row {
  const bars: Bar[] = [
    { kind: 'launch', from: 0, to: servedAt / 2 },
    { kind: 'pull', from: servedAt / 2, to: servedAt },
    { kind: 'service', from: servedAt, to: 400_000 },
  ]
  return { id, zone: 'us-east-1a', bars, servedAt, note: null, logs: [], pulledBytes: null, ...more }
}

function timeline(rows: readonly Row[], more: Partial<Section> = {}): Timeline {
  const section: Section = {
    name: 'deploy',
    startsAt: 0,
    lengthMs: 400_000,
    rest: 'the old fleet is parked',
    foretold: null,
    lanes: [{ side: 'new', group: 'web-green', rows }],
    left: 0,
    capacity: [
      { at: 0, old: 2, new: 0, required: 2 },
      { at: 90_000, old: 0, new: 2, required: 2 },
    ],
    gaps: [],
    marks: [{ at: 90_000, text: 'switched at 1m30s', switched: true }],
    entries: [{ at: 5_000, kind: 'warning', what: 'warning', text: 'A webhook was slow.' }],
    calls: null,
    parts: [{ what: 'drain: connections to the old fleet end', from: 0, to: 400_000 }],
    hints: [{ text: 'Drain 5m: set 30s.', savesMs: 270_000 }],
    ...more,
  }
  return {
    predicted: false,
    service: 'web',
    id: '20260101-120000-44fd',
    version: 'v2',
    previousVersion: 'v1',
    summary: 'v2 of web from v1 is deployed; the earlier fleet is parked.',
    failure: null,
    startedAt: '2026-01-01T12:00:00.000Z',
    endedAt: null,
    sections: [section],
    facts: [],
    record: null,
    missing: [],
  }
}

const plain = (_: string, text: string) => text
const fleet = (size: number) =>
  Array.from({ length: size }, (_, n) => row(`i-${String(n).padStart(17, '0')}`, 40_000 + (n % 40) * 1_000))

describe('on a terminal', () => {
  test('what others say colours nothing and breaks no line', () => {
    const note = '\u001B[31mpanic\u001B[0m:\nno\u0007 database'
    const text = timelineText(timeline([row('i-1', 40_000, { note })]), { width: 120, paint: plain })
    expect(text).toContain('  i-1: panic: no  database\n')
    expect(text).not.toMatch(/(?!\n)\p{Cc}/u)
  })

  test.each([[40], [48], [80], [120], [300]])(
    'of %i columns no line is wider than it, or than the narrowest worth drawing for',
    (width) => {
      for (const size of [2, 400]) {
        const lines = timelineText(timeline(fleet(size)), { width, paint: plain }).split('\n')
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(Math.max(48, width))
      }
    },
  )

  test('a few instances have a line each, a fleet is told in batches that add up', () => {
    const few = timelineText(timeline(fleet(3)), { width: 80, paint: plain })
    expect(few.match(/^ {2}i-\d+ /gm)).toHaveLength(3)
    const many = timelineText(timeline(fleet(400)), { width: 80, paint: plain })
    const counts = [...many.matchAll(/^ {2}(?:(\d+) × i-|(i-)|and (\d+) more)/gm)].map(([, batch, , rest]) =>
      Number(batch ?? rest ?? 1),
    )
    expect(counts.length).toBeLessThan(20)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(400)
  })

  test('calls nobody the slowest who came after the switch', () => {
    const rows = [row('i-1', 40_000), row('i-2', 60_000), row('i-3', 300_000)]
    expect(timelineText(timeline(rows), { width: 120, paint: plain })).toContain('Slowest: i-2 ')
  })

  test('is as wide as the coming up until the switch, whoever came later', () => {
    const text = timelineText(timeline([row('i-1', 40_000), row('i-2', 300_000)]), {
      width: 100,
      paint: plain,
    })
    expect(text).toContain('new group web-green, 2 instances, the first 1m43s')
  })

  test('shows all of a way back, in which nothing of the new group comes up', () => {
    const gone = { ...row('i-1', 40_000), servedAt: null }
    const text = timelineText(timeline([gone], { name: 'rollback' }), { width: 100, paint: plain })
    expect(text).toContain('new group web-green, 1 instance\n')
  })

  test('tells the switch, the slowest, warnings and hints', () => {
    const text = timelineText(timeline([row('i-1', 40_000), row('i-2', 80_000)]), {
      width: 100,
      paint: plain,
    })
    expect(text).toContain('DEPLOY · switched after 1m30s · 6m40s in all · the old fleet is parked')
    expect(text).toContain('Slowest: i-2 in us-east-1a, 1m20s from launch to its first request')
    expect(text).toContain('never fewer than 2, 2 required')
    expect(text).toContain('+5.0s A webhook was slow.')
    expect(text).toContain('Hint: Drain 5m: set 30s.')
    expect(text).toContain('↑')
  })

  test('says of capacity and calls no more than was seen', () => {
    const gaps = [{ from: 100_000, to: 200_000 }]
    const operations = [{ name: 'autoscaling EnterStandby', count: 3, changes: true }]
    const calls = { bucketMs: 1_000, buckets: [3], operations }
    const text = timelineText(timeline([row('i-1', 40_000)], { gaps, calls }), { width: 100, paint: plain })
    expect(text).toContain('never fewer than 2 while somebody looked, 2 required')
    expect(text).toContain('At least 3 API calls, 3 of them changing something')
  })

  test('says where capacity fell short', () => {
    const short = [
      { at: 0, old: 2, new: 0, required: 2 },
      { at: 30_000, old: 1, new: 0, required: 2 },
    ]
    expect(
      timelineText(timeline([row('i-1', 40_000)], { capacity: short }), { width: 80, paint: plain }),
    ).toContain('Healthy capacity fell short: 1 of 2 at 30s.')
  })

  test('says how many warnings and failures it leaves out', () => {
    const rows = Array.from({ length: 5 }, (_, n) => row(`i-${n}`, 40_000, { note: 'It never answered.' }))
    const warning = { at: 5_000, kind: 'warning', what: 'warning', text: 'Slow.' } as const
    const text = timelineText(timeline(rows, { entries: Array.from({ length: 9 }, () => warning) }), {
      width: 80,
      paint: plain,
    })
    expect(text).toMatch(/and 1 more warning\n(?:.|\n)*and 2 more instances\n/)
  })

  test('what failed stands with its last words', () => {
    const failed = row('i-1', 40_000, { note: 'It never answered.', logs: ['web | panic: no database'] })
    const text = timelineText(timeline([failed]), { width: 80, paint: plain })
    expect(text).toContain('i-1: It never answered.')
    expect(text).toContain('web | panic: no database')
  })
})

test('every kind of bar has a letter of its own', () => {
  const letters = Object.values(barWords).map(({ letter }) => letter)
  expect(new Set(letters).size).toBe(letters.length)
})
