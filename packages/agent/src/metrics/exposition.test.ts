import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exposition, type Family } from './exposition.ts'

/** Reads one sample line as a scraper does, character by character. */
function readSample(line: string): { labels: Record<string, string>; value: number } {
  const labels: Record<string, string> = {}
  let at = line.indexOf('{') + 1
  while (line[at] !== '}') {
    const equals = line.indexOf('=', at)
    const name = line.slice(at, equals)
    let value = ''
    for (at = equals + 2; line[at] !== '"'; at += 1) {
      if (line[at] !== '\\') value += line[at]
      else {
        at += 1
        value += line[at] === 'n' ? '\n' : line[at]
      }
    }
    labels[name] = value
    at += line[at + 1] === ',' ? 2 : 1
  }
  return { labels, value: Number(line.slice(at + 2)) }
}

describe('the exposition format', () => {
  test('is what Prometheus documents', () => {
    const families: Family[] = [
      {
        name: 'a_total',
        help: 'How many.\nBack\\slash.',
        type: 'counter',
        rows: [{ value: 3 }, { labels: { path: 'C:\\x "y"\n', code: '200' }, value: 1.5 }],
      },
      { name: 'none', help: 'Left out.', type: 'gauge', rows: [] },
      {
        name: 'b',
        help: 'Ends.',
        type: 'gauge',
        rows: [{ value: Infinity }, { value: -Infinity }, { value: NaN }, { value: 1e21 }],
      },
    ]
    expect(exposition(families)).toBe(
      [
        '# HELP a_total How many.\\nBack\\\\slash.',
        '# TYPE a_total counter',
        'a_total 3',
        'a_total{path="C:\\\\x \\"y\\"\\n",code="200"} 1.5',
        '# HELP b Ends.',
        '# TYPE b gauge',
        'b +Inf',
        'b -Inf',
        'b NaN',
        'b 1e+21',
        '',
      ].join('\n'),
    )
  })

  test('gives back any label value and any number', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '"', '\\', '\n', 'n', ' ', '{', '}', ',', '=', 'é', '#'),
    })
    fc.assert(
      fc.property(
        fc.record({ a: text, b: text }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (labels, value) => {
          const lines = exposition([{ name: 'x', help: '', type: 'gauge', rows: [{ labels, value }] }]).split(
            '\n',
          )
          expect(lines).toHaveLength(4)
          expect(readSample(lines[2] ?? '')).toEqual({ labels, value: value === 0 ? 0 : value })
        },
      ),
    )
  })
})
