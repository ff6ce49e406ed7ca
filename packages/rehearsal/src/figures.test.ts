import { describe, expect, test } from 'vitest'
import { deployFloor, finishFloor, measure, rollbackFloor } from './figures.ts'
import type { Sighting } from './observer.ts'

const seen = (rows: readonly [number, string, string, Sighting['what'], string][]): Sighting[] =>
  rows.map(([at, instance, group, what, state]) => ({ at, instance, group, what, state }))

const groups = { serving: 'green', other: 'blue' }

describe('figures of one command', () => {
  test('deploy: switched when the last old target drains; floor from first launch to last healthy, then the drain', () => {
    const sightings = seen([
      [900, 'i-old', 'blue', 'health', 'healthy'],
      [1_000, 'i-1', 'green', 'lifecycle', 'Pending'],
      [1_100, 'i-2', 'green', 'lifecycle', 'Pending'],
      [4_000, 'i-1', 'green', 'health', 'healthy'],
      [5_000, 'i-2', 'green', 'health', 'healthy'],
      [6_000, 'i-old', 'blue', 'health', 'draining'],
      [11_000, 'i-old', 'blue', 'health', 'unused'],
    ])
    const figures = measure('deploy', sightings, { from: 500, to: 12_000 }, groups, deployFloor)
    expect(figures.switched).toEqual({ ms: 5_500, floorMs: 4_000 })
    expect(figures.ended).toEqual({ ms: 11_500, floorMs: 9_000 })
  })

  test('rollback: floor is the health check of the returning fleet, then drain and termination of the other', () => {
    const sightings = seen([
      [1_000, 'i-back', 'green', 'lifecycle', 'Pending'],
      [3_000, 'i-back', 'green', 'health', 'healthy'],
      [3_500, 'i-away', 'blue', 'health', 'draining'],
      [9_500, 'i-away', 'blue', 'lifecycle', 'gone'],
    ])
    const figures = measure('rollback', sightings, { from: 0, to: 10_000 }, groups, rollbackFloor)
    expect(figures.switched).toEqual({ ms: 3_500, floorMs: 2_000 })
    expect(figures.ended).toEqual({ ms: 10_000, floorMs: 8_000 })
  })

  test('finish: moves no traffic; floor is the termination of the parked machines', () => {
    const sightings = seen([
      [1_000, 'i-old', 'blue', 'machine', 'shutting-down'],
      [4_000, 'i-old', 'blue', 'machine', 'terminated'],
    ])
    const figures = measure('finish', sightings, { from: 0, to: 5_000 }, groups, finishFloor)
    expect(figures.switched).toBeNull()
    expect(figures.ended).toEqual({ ms: 5_000, floorMs: 3_000 })
  })

  test('what was seen before the command began does not count', () => {
    const sightings = seen([[100, 'i-old', 'blue', 'health', 'draining']])
    expect(measure('finish', sightings, { from: 500, to: 900 }, groups, finishFloor).switched).toBeNull()
  })
})
