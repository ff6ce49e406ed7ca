import { afterEach, expect, test, vi } from 'vitest'
import { systemClock } from './clock.ts'

afterEach(() => vi.restoreAllMocks())

test('a moment has one time of the wall clock, however often it is asked for', () => {
  const at = systemClock.now()
  const wall = vi.spyOn(Date, 'now')
  const first = systemClock.wall(at).getTime()
  const real = performance.timeOrigin + performance.now()
  for (const grain of [-1, 0, 1, 0.4]) {
    wall.mockReturnValue(Math.trunc(real + grain))
    expect(systemClock.wall(at).getTime()).toBe(first)
  }
})

test.each([-86_400_000, 86_400_000])(
  'a wall clock that is set by %d ms changes what it shows, not how time passes',
  (byMs) => {
    const before = systemClock.now()
    const shown = systemClock.wall(before).getTime()
    const set = Date.now() + byMs
    vi.spyOn(Date, 'now').mockReturnValue(set)
    expect(systemClock.wall(before).getTime() - shown - byMs).toBeLessThan(1_000)
    expect(Math.abs(systemClock.moment(set) - before)).toBeLessThan(1_000)
    expect(systemClock.now()).toBeGreaterThanOrEqual(before)
  },
)
