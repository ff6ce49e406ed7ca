import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Tally } from './tally.ts'

test('counts by operation and second', () => {
  const tally = new Tally(10_000)
  for (const at of [10_000, 10_999, 11_000]) tally.add('autoscaling EnterStandby', at)
  tally.add('s3 PutObject', 9_000)
  expect(tally.counted()).toEqual({
    bucketMs: 1_000,
    operations: {
      'autoscaling EnterStandby': [
        [0, 2],
        [1, 1],
      ],
      's3 PutObject': [[0, 1]],
    },
  })
})

test('loses no call and stays small, however long it counts', () => {
  const times = fc.array(fc.integer({ min: 0, max: 86_400_000 }), { maxLength: 200 })
  fc.assert(
    fc.property(times, (all) => {
      const tally = new Tally(0)
      for (const at of all) tally.add('s3 GetObject', at)
      const { bucketMs, operations } = tally.counted()
      const rows = operations['s3 GetObject'] ?? []
      expect(rows.reduce((sum, [, count]) => sum + count, 0)).toBe(all.length)
      for (const [bucket] of rows) expect(bucket).toBeLessThan(600)
      // A call stays where it was, to the bucket.
      for (const at of all) expect(rows.map(([bucket]) => bucket)).toContain(Math.floor(at / bucketMs))
    }),
  )
})
