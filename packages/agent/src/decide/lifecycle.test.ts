import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  drainTime,
  isEnd,
  nextEnding,
  nextInterruption,
  nextParking,
  nextWarm,
  withdrawalAt,
} from './lifecycle.ts'
import type { Ending, Interruption } from './lifecycle.ts'

describe('lifecycle', () => {
  test.each([
    [null, 'Standby', 5, 5],
    [3, 'Standby', 5, 3],
    [3, 'Detached', 5, 3],
    [3, null, 5, 3],
    [3, 'InService', 5, null],
    [null, 'InService', 5, null],
  ])('parked since %s, target %s', (since, target, now, expected) => {
    expect(nextParking({ since }, target, now)).toEqual({ since: expected })
  })

  test.each([
    ['InService', false, false],
    ['Standby', false, false],
    ['Terminated', false, true],
    ['Warmed:Stopped', true, false],
    ['Warmed:Running', true, false],
    ['Warmed:Hibernated', true, false],
    ['Warmed:Pending:Wait', true, false],
    ['Detached', false, false],
  ])('target %s: warm %s, the end %s', (target, warm, end) => {
    expect([nextWarm(!warm, target), isEnd(target)]).toEqual([end ? !warm : warm, end])
  })

  test.each([
    ['no target', null],
    ['the end of a warm one', 'Warmed:Terminated'],
  ])('%s changes nothing about being warm', (_, target) => {
    expect([nextWarm(true, target), nextWarm(false, target)]).toEqual([true, false])
    expect(isEnd(target)).toBe(target !== null)
  })

  test.each([
    ['serving', null, true, 30_000],
    ['parked for long', 0, true, 0],
    ['just parked', 90_000, true, 20_000],
    ['never ready', null, false, 0],
  ])('drain time of a machine that is %s', (_, since, everReady, expected) => {
    expect(drainTime(30_000, { since }, everReady, 100_000)).toBe(expected)
  })
})

describe('an interruption', () => {
  const now = 1_000_000
  const at = (ms: number): Interruption => ({
    action: 'terminate',
    time: new Date(now + ms).toISOString(),
    at: now + ms,
  })
  const checks = { interval: 10_000, threshold: 2 }
  const facts = {
    plan: { settings: { drain: 30_000 } },
    parking: { since: null },
    everReady: true,
    interruption: at(120_000),
  }
  const begun: Ending = { kind: 'interrupted', since: now, drainMs: 0, stopped: true, released: true }

  test.each([
    ['drain, two checks and ten seconds before', 30_000, checks, 60_000],
    ['without a drain', 0, checks, 90_000],
    ['with checks as ELB sets them by itself', 30_000, { interval: 30_000, threshold: 2 }, 20_000],
    ['at once where there is too little time', 600_000, checks, -510_000],
  ])('readiness ends %s', (_, drain, checks, expected) => {
    expect(withdrawalAt(at(120_000), { drain, checks }) - now).toBe(expected)
  })

  test.each<[string, Interruption | null, Interruption | null, Ending | null, Interruption | null]>([
    ['nothing is said', null, null, null, null],
    ['it is announced', null, at(120_000), null, at(120_000)],
    ['another moment is named', at(120_000), at(60_000), null, at(60_000)],
    ['it is taken back', at(120_000), null, null, null],
    ['it is taken back too late', at(60_000), null, begun, at(60_000)],
    ['it is late', at(-60_000), at(-60_000), begun, at(-60_000)],
    ['it did not happen', at(-300_000), at(-300_000), begun, null],
    ['it did not happen and is not spoken of', at(-300_000), null, begun, null],
    ['it is of a life before', null, at(-300_000), null, null],
  ])('%s', (_, known, answer, ending, expected) => {
    expect(nextInterruption(known, answer, ending, now)).toEqual(expected)
  })

  test.each<[string, Ending['kind'], Partial<typeof facts>, number]>([
    ['serves until ten seconds before', 'interrupted', {}, 110_000],
    ['that comes at once leaves no time', 'interrupted', { interruption: at(0) }, 0],
    ['of what never was ready needs none', 'interrupted', { everReady: false }, 0],
    ['has nothing to say of a termination', 'terminated', {}, 30_000],
    ['nor of a shutdown', 'shutdown', {}, 30_000],
  ])('%s', (_, kind, over, drainMs) => {
    expect(nextEnding(null, kind, { ...facts, ...over }, now)).toEqual({
      kind,
      since: now,
      drainMs,
      stopped: false,
      released: false,
    })
  })

  test.each<[Ending['kind'], Ending['kind'], Partial<Ending>]>([
    ['interrupted', 'terminated', { kind: 'terminated', released: false }],
    ['interrupted', 'shutdown', {}],
    ['pooled', 'terminated', { kind: 'terminated', released: false }],
    ['pooled', 'shutdown', {}],
    ['terminated', 'interrupted', {}],
    ['terminated', 'shutdown', {}],
    ['shutdown', 'terminated', {}],
  ])('%s, then %s', (first, second, changed) => {
    const ending = { ...begun, kind: first }
    expect(nextEnding(ending, second, facts, now + 1)).toEqual({ ...ending, ...changed })
  })

  test('never ends readiness before its moment, and leaves time for all that follows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 600_000 }),
        fc.integer({ min: 100, max: 300_000 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 0, max: 86_400_000 }),
        (drain, interval, threshold, leftMs) => {
          const left = at(leftMs).at - withdrawalAt(at(leftMs), { drain, checks: { interval, threshold } })
          expect(left).toBe(drain + interval * threshold + 10_000)
          const ending = nextEnding(null, 'interrupted', { ...facts, interruption: at(leftMs) }, now)
          expect(ending.since + ending.drainMs).toBeLessThanOrEqual(Math.max(now, now + leftMs - 10_000))
        },
      ),
    )
  })
})
