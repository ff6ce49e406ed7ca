import { expect, test } from 'vitest'
import { row } from '../fleet/row.fixture.ts'
import { perTenfold } from './measures.ts'
import { linearTicks, xOf, yOf } from './scale.ts'
import { growthSvg } from './svg.ts'
import { growthText } from './text.ts'

const rows = [4, 40, 400].flatMap((instances) => [
  row('deploy', instances, { calls: { autoscaling: instances } }),
  row('deploy again', instances, { calls: { autoscaling: 7_777 } }),
  row('finish', instances, { switched: null, calls: { autoscaling: 40 } }),
])

const points = (of: (instances: number) => number) =>
  [4, 40, 400].map((instances) => ({ instances, value: of(instances) }))

test('what is ten times as much for ten times the instances grows ten times, what stays does not', () => {
  expect(perTenfold(points((n) => 3 * n))).toBeCloseTo(10)
  expect(perTenfold(points(() => 5))).toBeCloseTo(1)
  expect(perTenfold(points((n) => Math.sqrt(n)))).toBeCloseTo(Math.sqrt(10))
  expect(perTenfold([{ instances: 4, value: 1 }])).toBeNull()
})

test('as text: a bar a fleet, by one scale, and how it grows', () => {
  const [, calls = ''] = growthText(rows).split('\n\n')
  expect(calls.split('\n')).toEqual([
    'calls beside S3  4     40    400            ×10',
    'deploy           ▏ 4   ▉ 40  █████████ 400  ×10.0',
    'finish           ▉ 40  ▉ 40  ▉ 40           ×1.0',
  ])
})

test('as text: a command without a figure is left out, and one fleet is no growth', () => {
  const blocks = growthText(rows).split('\n\n')
  expect(blocks.find((block) => block.startsWith('until switched'))).not.toContain('finish')
  expect(growthText(rows.slice(0, 3))).toBe('')
})

test('as a drawing: a curve a command in each panel that has it, and the targets', () => {
  const svg = growthSvg(rows)
  const count = (text: string) => svg.split(text).length - 1
  expect(count('<polyline class="curve deploy"')).toBe(4)
  expect(count('<polyline class="curve finish"')).toBe(3)
  expect(count('<circle class="deploy"')).toBe(12)
  expect(svg).toContain('at most 300, up to 400 instances')
  expect(svg).toContain('peak memory, MB')
  expect(svg).not.toMatch(/NaN|Infinity|undefined/)
})

test('as a drawing: one fleet is drawn, too', () => {
  expect(growthSvg(rows.slice(0, 3))).not.toMatch(/NaN|Infinity|undefined/)
})

test('instances are placed by their logarithm, values from 0 upwards', () => {
  const box = { left: 0, right: 200, top: 0, bottom: 100, fewest: 4, most: 400, highest: 50 }
  expect([4, 40, 400].map((instances) => Math.round(xOf(box, instances)))).toEqual([0, 100, 200])
  expect([0, 25, 50].map((value) => yOf(box, value))).toEqual([100, 50, 0])
})

test.each([
  [300, [0, 50, 100, 150, 200, 250, 300]],
  [347, [0, 100, 200, 300, 400]],
  [1.2, [0, 0.2, 0.4, 0.6, 0.8, 1, 1.2]],
  [17.4, [0, 5, 10, 15, 20]],
])('the axis for %f has round figures', (most, ticks) => {
  expect(linearTicks(most)).toEqual(ticks)
})
