import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoff } from './backoff.ts'

test('back-off stays within its cap and reaches it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (failures, random) => {
        const ms = backoff(failures, { baseMs: 2_000, capMs: 60_000 }, random)
        expect(ms).toBeGreaterThanOrEqual(0)
        expect(ms).toBeLessThanOrEqual(60_000)
      },
    ),
  )
  expect(backoff(40, { baseMs: 2_000, capMs: 60_000 }, 0.999)).toBeGreaterThan(59_000)
})
