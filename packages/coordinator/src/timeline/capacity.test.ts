import { expect, test } from 'vitest'
import { capacityOf } from './capacity.ts'
import type { Lane, Row } from './model.ts'

const serving = (id: string, from: number, to: number): Row => ({
  id,
  zone: null,
  bars: [{ kind: 'service', from, to }],
  servedAt: from,
  note: null,
  logs: [],
  pulledBytes: null,
})
const lanes = (old: Row[], fresh: Row[] = []): Lane[] => [
  { side: 'new', group: 'web-green', rows: fresh },
  { side: 'old', group: 'web-blue', rows: old },
]

test('each moment has what served on both sides, and a gap has nothing', () => {
  const both = lanes([serving('i-1', 0, 500)], [serving('i-2', 300, 900)])
  expect(capacityOf(both, [[0, 1]], [{ from: 600, to: 700 }], 900)).toEqual([
    { at: 0, old: 1, new: 0, required: 1 },
    { at: 300, old: 1, new: 1, required: 1 },
    { at: 500, old: 0, new: 1, required: 1 },
    { at: 600, old: null, new: null, required: 1 },
    { at: 700, old: 0, new: 1, required: 1 },
    { at: 900, old: 0, new: 1, required: 1 },
  ])
})
