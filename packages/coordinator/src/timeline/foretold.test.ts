import { describe, expect, test } from 'vitest'
import { beforeDeploy, type Shape } from '../decide/fixture.ts'
import { foretell } from '../decide/predict.ts'
import { predictTimes } from '../decide/predict-time.ts'
import { durations, predictedTimeline } from './fixture.ts'
import type { Section } from './model.ts'

function foretold(shape: Shape): { section: Section; times: ReturnType<typeof predictTimes> } {
  const [section] = predictedTimeline(shape).sections
  if (!section) throw new Error('A prediction has a section.')
  return { section, times: predictTimes(foretell(beforeDeploy(shape)), durations) }
}

describe('a prediction', () => {
  test.each<[string, Shape]>([
    ['of two instances', { live: 2 }],
    ['of many, parked in batches', { live: 50, idleMax: 60 }],
    ['with a launch hook', { hooks: { launching: ['boot'], terminating: [] } }],
    ['with slow start', { slowStart: 30_000 }],
    ['of a canary', { live: 4, flags: { canary: 1 } }],
  ])('%s is drawn as long as it is said to take', (_, shape) => {
    const { section, times } = foretold(shape)
    expect(section.lengthMs).toBeCloseTo(times.endedMs)
    if (times.switchedMs !== null)
      expect(Math.abs((section.marks[0]?.at ?? 0) - times.switchedMs)).toBeLessThan(500)
    expect(section.marks).toHaveLength(times.switchedMs === null ? 0 : 1)
    expect(section.parts.reduce((sum, { from, to }) => sum + to - from, 0)).toBeCloseTo(section.lengthMs)
    for (const { bars } of section.lanes.flatMap(({ rows }) => rows))
      for (const [index, { from, to }] of bars.entries()) {
        expect(to).toBeGreaterThanOrEqual(from)
        if (index > 0) expect(from).toBe(bars[index - 1]?.to)
      }
    for (const { old, new: fresh, required } of section.capacity)
      expect((old ?? 0) + (fresh ?? 0)).toBeGreaterThanOrEqual(required ?? 0)
  })

  test('has what new instances do, what becomes of old ones, and the calls', () => {
    const { section } = foretold({ live: 2 })
    const [fresh, old] = section.lanes
    expect(fresh?.rows.map(({ bars }) => bars.map(({ kind }) => kind))).toEqual(
      Array.from({ length: 2 }, () => ['launch', 'start', 'health', 'service']),
    )
    expect(old?.rows[0]?.bars.map(({ kind }) => kind)).toEqual(['service', 'draining', 'standby'])
    expect(section.calls?.operations).toContainEqual({
      name: 'autoscaling enter-standby',
      count: 1,
      changes: true,
    })
  })
})
