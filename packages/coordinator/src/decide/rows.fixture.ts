import { expect, test } from 'vitest'
import { decide } from './decide.ts'
import { ruleTaken } from './fixture.ts'
import type { Ladder } from './ladder.ts'
import type { Step } from './step.ts'
import type { World } from './world.ts'

/** A world in which a rule is the first that matches, and the step it gives, but for its words. */
export type Row = [rule: string, world: World, step: object]

/**
 * Each row takes its rule and gives its step; every rule of the ladder has a row, in the ladder's order.
 * @param whole whether rows have all of their step
 */
export function testRows(ladder: Ladder, rows: readonly Row[], whole: boolean = true): void {
  test.each(rows)('%s', (rule, world, step) => {
    expect(ruleTaken(ladder, world)).toBe(rule)
    const taken = decide(world)
    expect(taken).toMatchObject(step)
    const free = taken.kind === 'wait' ? ['why', 'waitingFor'] : ['why']
    if (whole) expect(Object.keys(taken).toSorted()).toEqual([...Object.keys(step), ...free].toSorted())
    expect(taken.why.length).toBeGreaterThan(10)
    expectAgreement(taken)
  })

  test('every rule has its row, in the order of the ladder', () => {
    expect(rows.map(([rule]) => rule)).toEqual(Object.keys(ladder))
  })
}

const disagreements = [
  /\b1 (?:[a-z]+ )?(?:instances|launches|canaries)\b/,
  /(?<![-#\d])1 (?:are|do|have|serve)\b/,
  /(?:^|: |; )1 (?:[a-z]+ )?(?:instance|canary)(?: of [\w-]+)? (?:are|run|serve|return)\b/,
  /(?:^|: |; )(?:old-\d+|web-green#\d+)(?: of [\w-]+)? (?:are|end|have|return|serve) /,
]

/** Where a step's sentences count, number and verb agree. */
export function expectAgreement(step: Step): void {
  const sentences = [step.why, step.warning ?? '', step.kind === 'wait' ? step.waitingFor : '']
  for (const sentence of sentences) for (const wrong of disagreements) expect(sentence).not.toMatch(wrong)
}
