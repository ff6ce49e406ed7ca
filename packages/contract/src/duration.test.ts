import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from './duration.ts'

test.each([
  ['500ms', 500],
  ['90s', 90_000],
  ['10m', 600_000],
  ['2h', 7_200_000],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each(['', '90', '1.5s', '-3s', '10 m', '2d', '1m30s'])('"%s" is refused in one sentence', (text) => {
  expect(() => parseDuration(text)).toThrow(`"${text}" is not a duration: write 500ms, 90s, 10m or 2h.`)
})

test.each([
  [0, '0.0s'],
  [420, '0.4s'],
  [12_400, '12s'],
  [270_000, '4m30s'],
  [7_200_000, '2h'],
  [-5, '0.0s'],
])('%d ms reads %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

test('what is formatted is never empty', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 1e9 }), (ms) => formatDuration(ms) !== ''))
})
