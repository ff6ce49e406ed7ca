import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { turnedAway, type CrowdLimits, type Guest } from './crowd.ts'

const limits: CrowdLimits = { total: 6, perAddress: 3 }
const waits = (address: string, since: number): Guest => ({ address, since, asked: false })
const asked = (address: string, since: number): Guest => ({ address, since, asked: true })

describe('a newcomer at the endpoint', () => {
  const [a1, a2, a3] = [waits('a', 1), waits('a', 2), waits('a', 3)]
  const full = [waits('b', 4), a1, a2, a3, waits('b', 5), waits('c', 6)]
  test.each<[string, Guest[], string, Guest | null]>([
    ['comes in where there is room', [a1, a2], 'a', null],
    ['takes the place of the one of its address that has waited longest', [a2, a1, a3], 'a', a1],
    ['takes no place where an answer is under way', [asked('a', 0), a2, a3], 'a', a2],
    ['takes even that where nothing else is left', [asked('a', 2), asked('a', 1), asked('a', 3)], 'a', null],
    ['takes a place from the address that holds the most', full, 'd', a1],
  ])('%s', (_, guests, address, away) => {
    const chosen = turnedAway(guests, address, limits)
    expect(chosen).toEqual(away ?? (guests.length < 3 ? null : asked('a', 1)))
  })

  const guest = fc.record({
    address: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
    since: fc.nat(100),
    asked: fc.boolean(),
  })
  test('whatever came before, numbers stay bounded and who holds one place of a few keeps it', () => {
    fc.assert(
      fc.property(fc.array(guest, { maxLength: 60 }), (newcomers) => {
        let inside: Guest[] = []
        for (const newcomer of newcomers) {
          const away = turnedAway(inside, newcomer.address, limits)
          const count = (address: string) => inside.filter((one) => one.address === address).length
          if (away) {
            const most = Math.max(...inside.map((one) => count(one.address)))
            expect(away.address === newcomer.address || count(away.address) === most).toBe(true)
            const others = inside.filter((one) => one.address === away.address && !one.asked)
            expect(away.asked && others.length > 0).toBe(false)
          }
          inside = [...inside.filter((one) => one !== away), newcomer]
          expect(inside.length).toBeLessThanOrEqual(limits.total)
          expect(count(newcomer.address)).toBeLessThanOrEqual(limits.perAddress)
        }
      }),
    )
  })
})
