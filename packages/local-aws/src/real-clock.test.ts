import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RealClock } from './real-clock.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) })
})

afterEach(() => {
  vi.useRealTimers()
})

test('runs as fast as the world', () => {
  const clock = new RealClock()
  const ran: number[] = []
  clock.after(1_000, () => ran.push(clock.now()))
  vi.advanceTimersByTime(999)
  expect(ran).toEqual([])
  vi.advanceTimersByTime(1)
  expect(ran).toEqual([Date.UTC(2026, 0, 1, 0, 0, 1)])
})

test('runs faster where told to', () => {
  const clock = new RealClock(10)
  let ran = false
  clock.after(5_000, () => (ran = true))
  vi.advanceTimersByTime(500)
  expect(ran).toBe(true)
  expect(clock.now()).toBe(Date.UTC(2026, 0, 1, 0, 0, 5))
})

test('a cancelled task does not run', () => {
  let ran = false
  new RealClock().after(10, () => (ran = true))()
  vi.advanceTimersByTime(20)
  expect(ran).toBe(false)
})

test('a delay longer than a timer can hold is kept', () => {
  const days30 = 30 * 86_400_000
  let ran = false
  new RealClock().after(days30, () => (ran = true))
  vi.advanceTimersByTime(days30 - 1)
  expect(ran).toBe(false)
  vi.advanceTimersByTime(1)
  expect(ran).toBe(true)
})

test.each([0, -1, Number.NaN])('a speed of %d is refused', (speed) => {
  expect(() => new RealClock(speed)).toThrow(RangeError)
})
