import { describe, expect, test } from 'vitest'
import { predictedTimeline } from '../fixture.ts'
import type { Timeline } from '../model.ts'
import { html } from './html.ts'
import { pageOf } from './page.ts'
import { axisOf } from './scale.ts'

function timeline(live: number): Timeline {
  return predictedTimeline({ live, idleMax: live })
}

const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>&\u0000\u001b[31m`

describe('a page', () => {
  const page = pageOf(timeline(4))

  test('asks for nothing: no script, no address, no style from elsewhere', () => {
    expect(page).not.toMatch(/<script|\bon\w+=|https?:|@import|url\(/i)
    expect([...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, to]) => to)).toEqual(['data:,'])
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`)
  })

  test('has a table and a name for every chart, one first heading and no level left out', () => {
    const charts = page.match(/role="img"/g) ?? []
    expect(page.match(/role="img"\s+aria-label="[^"]{20,}"/g)).toHaveLength(charts.length)
    expect((page.match(/<table>/g) ?? []).length).toBeGreaterThanOrEqual(5)
    const levels = [...page.matchAll(/<h(\d)/g)].map(([, level]) => Number(level))
    expect(levels.filter((level) => level === 1)).toHaveLength(1)
    for (const [index, level] of levels.entries())
      if (index > 0) expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1)
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('says what anybody else wrote as text, wherever it stands', () => {
    const [section] = timeline(1).sections
    if (!section) throw new Error('No section.')
    const row = {
      id: hostile,
      zone: hostile,
      servedAt: 1,
      note: hostile,
      logs: [hostile],
      pulledBytes: null,
      bars: [{ kind: 'launch' as const, from: 0, to: 1 }],
    }
    const text = pageOf({
      ...timeline(1),
      service: hostile,
      version: hostile,
      summary: hostile,
      failure: hostile,
      missing: [hostile],
      facts: [{ name: hostile, value: hostile }],
      record: { hostile },
      sections: [
        {
          ...section,
          name: hostile,
          rest: hostile,
          lanes: [{ side: 'new', group: hostile, rows: [row] }],
          entries: [{ at: 0, kind: 'warning', what: hostile, text: hostile }],
          marks: [{ at: 0, text: hostile, switched: true }],
          parts: [{ what: hostile, from: 0, to: 1 }],
          hints: [{ text: hostile, savesMs: 1 }],
          calls: { bucketMs: 1, buckets: [1], operations: [{ name: hostile, count: 1, changes: true }] },
        },
      ],
    })
    expect(text).not.toMatch(/<script|<img|(?!\n)\p{Cc}/u)
    expect(text).toContain('&lt;script&gt;')
  })

  test('shows the coming up closer, up to the switch, whoever came later', () => {
    const { sections, ...rest } = timeline(2)
    const [section] = sections
    if (!section) throw new Error('No section.')
    const lanes = section.lanes.map((lane) => ({
      ...lane,
      rows: lane.rows.map((row, index) => (index === 0 ? row : { ...row, servedAt: 390_000 })),
    }))
    const marks = [{ at: 85_000, text: 'switched', switched: true }]
    const page = pageOf({ ...rest, sections: [{ ...section, lanes, marks, lengthMs: 400_000 }] })
    expect(page).toContain('web-green, the first 1m30s')
  })

  test.each([[400], [1_000]])('of %i instances is a few hundred bytes an instance', (live) => {
    const one = timeline(4)
    const [section] = one.sections
    if (!section) throw new Error('No section.')
    const lanes = section.lanes.map((lane) => ({
      ...lane,
      rows: Array.from({ length: live }, (_, n) => ({
        ...lane.rows[0]!,
        id: `i-${String(n).padStart(17, '0')}`,
      })),
    }))
    const page = pageOf({ ...one, sections: [{ ...section, lanes }] })
    expect(page.length).toBeLessThan(40_000 + live * 2 * 1_000)
  })
})

test('a template escapes what it is given, and nothing twice', () => {
  const inner = html`<b title="${'"x"'}">${'<&>'}</b>`
  expect(html`<p>${inner}${[inner, null]}${3}${null}</p>`.text).toBe(
    `<p>${'<b title="&quot;x&quot;">&lt;&amp;&gt;</b>'.repeat(2)}3</p>`,
  )
})

test.each([
  [1, 5_000],
  [95_000, 120_000],
  [388_000, 480_000],
  [7_300_000, 10_800_000],
])('an axis for %i ms is %i ms long', (lengthMs, axisMs) => {
  expect(axisOf(lengthMs)).toBe(axisMs)
})
