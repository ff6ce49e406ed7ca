import { expect, test } from 'vitest'
import { detectionTable, detectionTargets } from './table.ts'

const found = [
  { moment: 'healthy', ms: 400, paceMs: 1_000 },
  { moment: 'healthy', ms: 900, paceMs: 1_000 },
  { moment: 'alarm', ms: 6_500, paceMs: 5_000 },
] as const

test('each moment with its median, its worst and the pace of looks', () => {
  const lines = detectionTable(found).split('\n')
  expect(lines[3]).toMatch(/^the last new instance turns healthy +2 +0\.7s +0\.9s +1\.0s$/)
  expect(lines[4]).toMatch(/^an alarm rings +1 +6\.5s +6\.5s +5\.0s$/)
})

test('an answer may take as long as the next look takes to come, and the look itself', () => {
  expect(detectionTargets(found)).toEqual([
    { met: true, sentence: expect.stringContaining('at most 0.0s after the next look was due') },
    { met: false, sentence: expect.stringContaining('at most 1.5s after the next look was due') },
  ])
})
