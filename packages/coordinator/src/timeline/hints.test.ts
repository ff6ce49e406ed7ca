import { describe, expect, test } from 'vitest'
import { flags } from '../decide/fixture.ts'
import { hintsOf } from './hints.ts'
import type { Bar, BarKind, Row, Section } from './model.ts'

/** A row that spent so many seconds with each of these, and serves from then on. */
function row(id: string, spent: readonly [BarKind, number][], more: Partial<Row> = {}): Row {
  let at = 0
  const bars = spent.map(([kind, seconds]): Bar => {
    const from = at
    at += seconds * 1_000
    return { kind, from, to: at }
  })
  const service: Bar = { kind: 'service', from: at, to: at + 100_000 }
  return {
    id,
    zone: null,
    bars: [...bars, service],
    servedAt: at,
    note: null,
    logs: [],
    pulledBytes: null,
    ...more,
  }
}

const quick: [BarKind, number][] = [
  ['launch', 5],
  ['boot', 10],
  ['agent', 1],
  ['pull', 5],
  ['compose', 3],
  ['health', 5],
]
const spent = (kind: BarKind, seconds: number) =>
  quick.map(([one, ms]): [BarKind, number] => [one, one === kind ? seconds : ms])
const drained: Row = {
  ...row('old-1', []),
  bars: [{ kind: 'draining', from: 0, to: 300_000 }],
  servedAt: null,
}
const source = { name: 'web-tg', deregistrationDelay: 20_000, slowStart: 0 }

function section(rows: readonly Row[], more: Partial<Section> = {}): Section {
  return {
    name: 'deploy',
    startsAt: 0,
    lengthMs: 400_000,
    rest: '',
    foretold: null,
    lanes: [
      { side: 'new', group: 'web-green', rows },
      { side: 'old', group: 'web-blue', rows: [drained] },
    ],
    left: 0,
    capacity: [],
    gaps: [],
    marks: [],
    entries: [],
    calls: null,
    parts: [],
    hints: [],
    ...more,
  }
}

const baking = { at: 90_000, kind: 'step' as const, what: 'mark-bake', text: 'The old fleet is parked.' }
const three = (spent: readonly [BarKind, number][], more: Partial<Row> = {}) =>
  ['i-1', 'i-2', 'i-3'].map((id) => row(id, spent, more))
const hint = (one: Section, sources = [source], more = {}) =>
  hintsOf(one, { sources, flags: { ...flags, ...more }, checks: [] })

describe('what would have saved time', () => {
  test.each<[string, Section, (typeof source)[], object, number | null, string]>([
    [
      'a long drain',
      section(three(quick)),
      [{ ...source, deregistrationDelay: 300_000 }],
      {},
      270_000,
      'Drain 5m (deregistration delay of web-tg): set 30s, if no request takes longer, to save 4m30s after the switch.',
    ],
    [
      'slow health checks',
      section(three(spent('health', 60))),
      [source],
      {},
      50_000,
      'From ready to healthy took 1m: a health check every 5s with a healthy threshold of 2 saves about 50s before the switch.',
    ],
    [
      'a large image, with its rate',
      section(three(spent('pull', 40), { pulledBytes: 800_000_000 })),
      [source],
      {},
      40_000,
      '800 MB (20 MB/s) took 40s to pull',
    ],
    [
      'an image nobody told the size of',
      section(three(spent('pull', 40))),
      [source],
      {},
      40_000,
      'The image took 40s to pull',
    ],
    [
      'machines that boot slowly',
      section(three(spent('boot', 70))),
      [source],
      {},
      45_000,
      'Machines took 1m15s from launch to their agent’s start',
    ],
    [
      'an app that starts slowly',
      section(three(spent('compose', 50))),
      [source],
      {},
      null,
      'The app took 50s',
    ],
    [
      'one slow instance',
      section([...three(quick), row('i-9', spent('pull', 19 + 30), { zone: 'us-east-1c' })]),
      [source],
      {},
      44_000,
      'i-9 in us-east-1c served 44s after the median, mostly for its pull (44s more): the switch waited for it alone.',
    ],
    [
      'slow start',
      section(three(quick)),
      [{ ...source, slowStart: 60_000 }],
      {},
      60_000,
      'Slow start of web-tg',
    ],
    [
      'a bake that outweighs all else',
      section(three(quick), { entries: [baking] }),
      [source],
      { bakeMs: 300_000 },
      null,
      'The bake is 5m of 6m40s',
    ],
  ])('%s', (_, one, sources, more, savesMs, text) => {
    expect(hint(one, sources, more)).toEqual([{ savesMs, text: expect.stringContaining(text) }])
  })

  test('a slow zone, where it has instances enough to tell', () => {
    const near = three(quick, { zone: 'us-east-1a' })
    const far = three(spent('boot', 24), { zone: 'us-east-1b' })
    const texts = hint(section([...near, ...far])).map(({ text }) => text)
    expect(texts).toEqual([
      expect.stringContaining('Instances in us-east-1b served 14s later than in us-east-1a'),
    ])
  })

  test('most seconds first', () => {
    const one = section(three([...spent('health', 60)]))
    expect(hint(one, [{ ...source, deregistrationDelay: 300_000 }]).map(({ savesMs }) => savesMs)).toEqual([
      270_000, 50_000,
    ])
  })
})

test('the health check that was in force is named, and one that is quick already is not blamed', () => {
  const one = section(three(spent('health', 60)))
  const check = {
    name: 'web-tg',
    oneIsEnough: true,
    intervalMs: 30_000,
    healthyThreshold: 5,
    unhealthyThreshold: 2,
  }
  const known = { sources: [source], flags }
  expect(hintsOf(one, { ...known, checks: [check] })).toEqual([
    { savesMs: 50_000, text: expect.stringContaining('(web-tg asks every 30s and wants 5 good answers)') },
  ])
  expect(hintsOf(one, { ...known, checks: [{ ...check, intervalMs: 5_000, healthyThreshold: 2 }] })).toEqual(
    [],
  )
})

describe('nothing is said', () => {
  test.each<[string, Section, (typeof source)[]]>([
    ['of what went quickly', section(three(quick)), [source]],
    [
      'of a drain that nothing waited for',
      section(three(quick), { lanes: [{ side: 'new', group: 'g', rows: three(quick) }] }),
      [{ ...source, deregistrationDelay: 300_000 }],
    ],
    [
      'of what nobody saw',
      section(
        three(spent('health', 60)).map((one) => ({
          ...one,
          bars: [{ kind: 'unseen' as const, from: 0, to: 1 }, ...one.bars],
        })),
      ),
      [source],
    ],
    [
      'of one that came after the switch, at which nobody waited for it',
      section([...three(quick), row('i-9', spent('pull', 90))], {
        marks: [{ at: 40_000, text: 'switched at 40s', switched: true }],
      }),
      [source],
    ],
    ['of a rollback or a finish', section(three(spent('pull', 90)), { name: 'rollback' }), [source]],
  ])('%s', (_, one, sources) => {
    expect(hint(one, sources)).toEqual([])
  })

  test.each([
    ['that never began', section(three(quick))],
    ['that was cut short', section(three(quick), { entries: [{ ...baking, at: 350_000 }] })],
  ])('of a bake %s', (_, one) => {
    expect(hint(one, [source], { bakeMs: 300_000 })).toEqual([])
  })
})
