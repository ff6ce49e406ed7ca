import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide } from './decide.ts'
import { alarmsOf, beforeFirst, instance, isLast, run, whenTaken, withReport } from './fixture.ts'
import type { Shape } from './fixture.ts'
import { firstLadder, withdrawLadder } from './first.ts'
import { inService } from './fleet.ts'
import { apply, applyToRecord } from './model.ts'
import { healthy, withGroup, withHealth, withInstance } from './model-group.ts'
import { turnTo } from './start.ts'
import type { Step } from './step.ts'
import type { World } from './world.ts'
import { type Row, testRows } from './rows.fixture.ts'

const hooks = { launching: ['boot'], terminating: [] }
const bakeMs = 600_000
const baking: Shape = { flags: { bakeMs, alarms: ['web-5xx'] }, alarms: { 'web-5xx': 'OK' } }
const together: Shape = { hooks, flags: { release: 'together' } }
const at = (rule: string, shape: Shape = {}) => whenTaken(firstLadder, rule, beforeFirst(2, shape))
const green = ['web-green#1', 'web-green#2']
const gaveUp = { code: 'image-not-found', sentence: 'No such image.', kind: 'terminal' } as const
const ill = { state: 'unhealthy', reason: 'Target.Timeout' }
const back = (world: World): World => ({
  ...world,
  deployment: turnTo(world.deployment, 'rollback', world.now),
})

/** Marked short, and the bake over. */
function shortAtTheEnd(): World {
  const sick = withHealth(at('waitOutBake', baking), 'web-green#1', ill)
  return apply(sick, decide(sick))
}

const rows: Row[] = [
  [
    'failFirst',
    withReport(at('waitUntilUp'), 'web-green#1', { phase: 'failed', reason: gaveUp }),
    { kind: 'turn-back' },
  ],
  [
    'tagFirstGroup',
    beforeFirst(),
    { kind: 'tag', group: 'web-green', remove: ['switchover:digest:sidecar'] },
  ],
  ['sizeFirst', at('sizeFirst'), { kind: 'size', group: 'web-green', min: 2, desired: 2 }],
  ['releaseTogether', at('releaseTogether', together), { kind: 'complete-hook', result: 'CONTINUE' }],
  [
    'noteShortfall',
    withHealth(at('waitOutBake', baking), 'web-green#1', ill),
    { kind: 'mark-short', short: true },
  ],
  ['waitUntilUp', at('waitUntilUp'), { kind: 'wait', instances: green }],
  ['noteServing', at('noteServing'), { kind: 'mark-switched', why: 'web-green serves v2.' }],
  ['noteBake', at('noteBake', baking), { kind: 'mark-bake' }],
  ['waitOutBake', at('waitOutBake', baking), { kind: 'wait', instances: green }],
  [
    'waitWhileShort',
    { ...shortAtTheEnd(), now: shortAtTheEnd().now + bakeMs },
    { kind: 'wait', instances: ['web-green#1'] },
  ],
  ['waitForAlarms', { ...at('tagEmptyGroup', baking), alarms: new Map() }, { kind: 'wait' }],
  ['releaseEach', at('releaseEach', together), { kind: 'tag', set: { 'switchover:release': 'each' } }],
  [
    'waitOutLaunchHooks',
    withGroup(at('tagEmptyGroup', together), 'new', {
      instances: [...at('tagEmptyGroup', together).new.instances, instance('late', 'Pending:Wait')],
    }),
    { kind: 'wait', instances: ['late'] },
  ],
  [
    'tagEmptyGroup',
    at('tagEmptyGroup'),
    {
      kind: 'tag',
      group: 'web-blue',
      set: { 'switchover:version': 'v2', 'switchover:bundle': 'bbbbbbbbbbbb' },
    },
  ],
  ['letScaleIn', at('letScaleIn'), { kind: 'size', group: 'web-green', min: 0 }],
  ['endUp', at('endUp'), { kind: 'end', outcome: 'finished', kept: [] }],
]

testRows(firstLadder, rows, false)

const leaving = () => back(at('waitUntilUp'))
const way = (rule: string) => whenTaken(withdrawLadder, rule, leaving())

/** With instances that are wanted for a post-mortem. */
const keepingOne = () => {
  const world = back(at('letScaleIn'))
  return { ...world, deployment: { ...world.deployment, back: { keep: 1, floor: 100 } } }
}
const hooked = { hooks: { launching: ['boot'], terminating: ['leave'] } }
const gone = whenTaken(withdrawLadder, 'waitNewGone', back(at('waitUntilUp', hooked)))
const heldAs = (lifecycle: string) =>
  withGroup(gone, 'new', { instances: [instance('web-green#1', lifecycle)] })
/** As if it had been ours: the first deployment itself changes neither. */
const byUs = (world: World, change: { max: number } | { processes: string[] }) =>
  apply(world, {
    kind: 'max' in change ? 'size' : 'suspend',
    group: 'web-green',
    why: 'Moves.',
    ...change,
  } as Step)

const returns: Row[] = [
  ['freeNewMin', keepingOne(), { kind: 'size', group: 'web-green', min: 0 }],
  [
    'keepNew',
    whenTaken(withdrawLadder, 'keepNew', keepingOne()),
    { kind: 'enter-standby', group: 'web-green', instances: ['web-green#1'] },
  ],
  [
    'unprotectNew',
    withInstance(back(at('letScaleIn')), 'new', 'web-green#1', { protected: true }),
    { kind: 'unprotect', instances: ['web-green#1'] },
  ],
  ['zeroFirst', leaving(), { kind: 'size', group: 'web-green', min: 0, desired: 0 }],
  [
    'abandonLaunches',
    whenTaken(
      withdrawLadder,
      'abandonLaunches',
      back(whenTaken(firstLadder, 'releaseTogether', beforeFirst(2, together))),
    ),
    { kind: 'complete-hook', result: 'ABANDON' },
  ],
  [
    'waitNewOut',
    withHealth(heldAs('InService'), 'web-green#1', healthy),
    { kind: 'wait', instances: ['web-green#1'] },
  ],
  [
    'completeTerminations',
    { ...withHealth(heldAs('Terminating:Wait'), 'web-green#1', null), reports: new Map() },
    { kind: 'complete-hook', hook: 'leave', instance: 'web-green#1', result: 'CONTINUE' },
  ],
  ['endNewStandby', heldAs('Standby'), { kind: 'detach', group: 'web-green', instances: ['web-green#1'] }],
  [
    'terminateDetached',
    apply(heldAs('Standby'), decide(heldAs('Standby'))),
    { kind: 'terminate', instances: ['web-green#1'] },
  ],
  [
    'restoreTags',
    way('restoreTags'),
    { kind: 'tag', group: 'web-green', set: { 'switchover:version': 'v0' } },
  ],
  ['waitNewGone', way('waitNewGone'), { kind: 'wait' }],
  [
    'waitTerminated',
    whenTaken(withdrawLadder, 'waitTerminated', heldAs('Standby')),
    { kind: 'wait', instances: ['web-green#1'] },
  ],
  ['restoreNew', byUs(way('endEmpty'), { max: 9 }), { kind: 'size', group: 'web-green', max: 6 }],
  [
    'resumeNew',
    byUs(way('endEmpty'), { processes: ['AlarmNotification'] }),
    { kind: 'resume', group: 'web-green', processes: ['AlarmNotification'] },
  ],
  [
    'settleKept',
    whenTaken(withdrawLadder, 'settleKept', keepingOne()),
    { kind: 'settle', stage: 'kept', kept: ['web-green#1'], ended: ['web-green#2'] },
  ],
  ['endEmpty', way('endEmpty'), { kind: 'end', outcome: 'rolled-back', kept: [] }],
]

describe('on the way back', () => testRows(withdrawLadder, returns, false))

describe('the only fleet there is', () => {
  test.each([
    [
      'an alarm rings in the bake',
      { ...at('waitOutBake', baking), alarms: alarmsOf({ 'web-5xx': 'ALARM' }) },
    ],
    [
      'an agent gives up in the bake',
      withHealth(
        withReport(at('waitOutBake', baking), 'web-green#1', { phase: 'failed', reason: gaveUp }),
        'web-green#1',
        ill,
      ),
    ],
  ])('is left to a person where %s', (_, world) => {
    expect(decide(world)).toMatchObject({ kind: 'settle', stage: 'held' })
  })
})

const shapes = fc.record({
  desired: fc.integer({ min: 1, max: 6 }),
  hooked: fc.boolean(),
  release: fc.constantFrom('each' as const, 'together' as const),
  bakeMs: fc.constantFrom(null, bakeMs),
  slowStart: fc.constantFrom(0, 30_000),
})
type Wish = typeof shapes extends fc.Arbitrary<infer T> ? T : never

const begin = ({ desired, hooked, release, bakeMs, slowStart }: Wish) =>
  beforeFirst(desired, {
    slowStart,
    ...(hooked ? { hooks } : {}),
    flags: { release: hooked ? release : 'each', bakeMs },
  })

const versionOf = (world: World, side: 'old' | 'new') => world[side].tags['switchover:version']

test('N instances serve at the end, both groups carry the version, and the sizes are the operator’s', () => {
  fc.assert(
    fc.property(shapes, (wish) => {
      const start = begin(wish)
      const { world, last, steps } = run(start)
      expect(last).toMatchObject({ kind: 'end', outcome: 'finished', kept: [] })
      expect(inService(world.new)).toHaveLength(wish.desired)
      expect(world.new).toMatchObject({ min: start.new.min, max: start.new.max, desired: wish.desired })
      const { tags: _, ...untouched } = start.old
      expect(world.old).toMatchObject(untouched)
      expect([versionOf(world, 'old'), versionOf(world, 'new')]).toEqual(['v2', 'v2'])
      expect(world.new.tags['switchover:release']).toBe('each')
      const acts = steps.filter(({ kind }) => kind !== 'wait').map((step) => JSON.stringify(step))
      expect(new Set(acts).size).toBe(acts.length)
    }),
    { numRuns: 60 },
  )
})

test('killed at any step and resumed it ends as if nothing had been; turned back there, both groups are as before', () => {
  fc.assert(
    fc.property(shapes, fc.nat(40), (wish, moment) => {
      const start = begin(wish)
      const clean = run(start)
      let acts = 0
      const cut = run(start, (_, step) => step.kind !== 'wait' && !isLast(step) && acts++ === moment)
      if (isLast(cut.last)) return
      const killed = applyToRecord(cut.world, cut.last)
      const resumed = run(killed).world
      for (const side of ['old', 'new'] as const) expect(resumed[side]).toEqual(clean.world[side])
      const gone = run(back(killed))
      expect(gone.last).toMatchObject({ kind: 'end', outcome: 'rolled-back', kept: [] })
      for (const side of ['old', 'new'] as const) expect(gone.world[side]).toEqual(start[side])
      expect([...gone.world.machines.values()].filter((state) => state !== 'terminated')).toEqual([])
    }),
    { numRuns: 100 },
  )
})

test('a version that cannot come up leaves both groups empty and as tagged as before', () => {
  const start = beforeFirst()
  const sick = withReport(whenTaken(firstLadder, 'waitUntilUp', start), 'web-green#2', {
    phase: 'failed',
    reason: gaveUp,
  })
  const { world, last } = run(apply(sick, decide(sick)))
  expect(last).toMatchObject({ kind: 'end', outcome: 'failed' })
  expect([world.old, world.new]).toEqual([start.old, start.new])
})
