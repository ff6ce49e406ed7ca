import { expect, test } from 'vitest'
import { formatBytes } from './bytes.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1 kB'],
  [3_449_000, '3.4 MB'],
  [480_200_000, '480 MB'],
  [999_600_000, '1 GB'],
  [12_345_678_901, '12 GB'],
  [5e15, '5000 TB'],
])('%d bytes', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})
