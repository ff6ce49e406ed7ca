import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canaryLadder } from './canary.ts'
import { deployed, events, lastOf, live, pace, shapes } from './chaos.fixture.ts'
import type { Turn } from './chaos.fixture.ts'
import { ladderOf } from './decide.ts'
import { deployLadder } from './deploy.ts'
import { finishLadder } from './finish.ts'
import { finishKeptLadder } from './finish-kept.ts'
import { firstLadder, withdrawLadder } from './first.ts'
import { beforeDeploy, beforeFirst, ruleTaken } from './fixture.ts'
import type { Ladder } from './ladder.ts'
import { rollbackLadder } from './rollback.ts'
import { expectAgreement } from './rows.fixture.ts'
import { scalings } from './scalings.fixture.ts'
import { finishKept, turnTo } from './start.ts'
import type { World } from './world.ts'

const ladders: Readonly<Record<string, Ladder>> = {
  canary: canaryLadder,
  deploy: deployLadder,
  rollback: rollbackLadder,
  finish: finishLadder,
  'finish of what is kept': finishKeptLadder,
  first: firstLadder,
  'first, back': withdrawLadder,
}

/** How many turns of random worlds each rule of each ladder decided. */
const taken = new Map(
  Object.values(ladders).map((ladder) => [
    ladder,
    new Map<string, number>(Object.keys(ladder).map((rule) => [rule, 0])),
  ]),
)

function count(turns: readonly Turn[]): void {
  for (const { before, cause } of turns) {
    if (!('why' in cause)) continue
    expectAgreement(cause)
    const ladder = ladderOf(before)
    const counts = taken.get(ladder)
    const rule = ruleTaken(ladder, before)
    if (counts && rule !== null) counts.set(rule, (counts.get(rule) ?? 0) + 1)
  }
}

/** Turns of a world from here to where it rests, noted. */
function follow(turns: readonly Turn[]): World {
  count(turns)
  return lastOf(turns).after
}

const backs = fc.record({ keep: fc.constantFrom(0, 0, 1, 2), floor: fc.constantFrom(100, 100, 50) })

const goingBack = (world: World, back: World['deployment']['back']): World => ({
  ...world,
  deployment: { ...turnTo(world.deployment, 'rollback', world.now), back },
})

/** A deployment, then what a person asks for at some moment of it: the way back, or the finish where it is parked. */
const deployment = fc.property(
  shapes,
  fc.option(scalings, { nil: undefined }),
  fc.subarray(['AlarmNotification', 'ScheduledActions']),
  events,
  events,
  pace,
  fc.nat(200),
  backs,
  fc.boolean(),
  (shape, scaling, idleSuspended, first, second, getOn, moment, back, finishes) => {
    const start = beforeDeploy({ ...shape, idleSuspended, ...(scaling ? { scaling } : {}) })
    const turns = deployed(start, first, second, getOn)
    const parked = follow(turns)
    if (finishes && parked.deployment.stage === 'parked')
      follow(live({ ...parked, deployment: turnTo(parked.deployment, 'finish', parked.now) }, second, getOn))
    const asked = finishes ? undefined : turns[moment % turns.length]?.before
    if (asked === undefined || !['canary', 'deploy'].includes(asked.deployment.goal)) return
    const rested = follow(live(goingBack(asked, back), second, getOn))
    if (rested.deployment.stage === 'kept')
      follow(live({ ...rested, deployment: finishKept(rested.deployment, rested.now) }, second, getOn))
  },
)

/** The first deployment of a service, and its way back from some moment of it. */
const firstDeployment = fc.property(
  fc.integer({ min: 1, max: 5 }),
  shapes,
  events,
  events,
  pace,
  fc.nat(200),
  backs,
  (desired, shape, first, second, getOn, moment, back) => {
    const { canary: _, finishAfterMs: __, ...flags } = shape.flags ?? {}
    const turns = live(beforeFirst(desired, { ...shape, idleMax: desired + 2, flags }), first, getOn)
    follow(turns)
    const asked = turns[moment % turns.length]?.before
    if (asked?.deployment.goal === 'deploy') follow(live(goingBack(asked, back), second, getOn))
  },
)

/** Rules that what a random world does hardly ever leads to, or never: their rows alone take them. */
const rowsOnly: Readonly<Record<string, readonly string[]>> = {
  canary: ['waitForAlarms'],
  deploy: ['wakeNewGroup', 'zeroOldDesired', 'waitOutLaunchHooks', 'waitForAlarms'],
  rollback: [
    'launchMustRun',
    'detachDeadParked',
    'makeRoom',
    'quietNewGroup',
    'waitNewOut',
    'completeTerminations',
    'endNewStandby',
    'terminateDetached',
    'waitTerminated',
    'resumeNew',
  ],
  finish: ['refuseServing', 'waitForServing', 'removeTwins', 'zeroOld', 'waitOutDrain', 'waitOldGone'],
  'finish of what is kept': ['refuseServing', 'zeroNew', 'waitKeptDrain', 'waitNewGone'],
  first: ['waitForAlarms', 'waitOutLaunchHooks'],
  'first, back': [
    'waitNewOut',
    'completeTerminations',
    'endNewStandby',
    'terminateDetached',
    'waitTerminated',
    'restoreNew',
    'resumeNew',
  ],
}

function table(): string {
  const lines = Object.entries(ladders).map(([name, ladder]) => {
    const counts = [...(taken.get(ladder) ?? [])]
    const told = counts.map(([rule, turns]) => (turns === 0 ? `${rule} -` : `${rule} ${turns}`))
    return `${name}, ${counts.length} rules: ${told.join(', ')}`
  })
  return ['Turns of random worlds that each rule decided; every rule has a row besides.', ...lines].join('\n')
}

test('random worlds take every rule that can be met by chance', () => {
  fc.assert(deployment, { numRuns: 400, seed: 1 })
  fc.assert(firstDeployment, { numRuns: 150, seed: 1 })
  // oxlint-disable-next-line no-console -- the suite prints what it covers
  console.log(table())
  const never = Object.entries(ladders).map(([name, ladder]) => {
    const counts = taken.get(ladder) ?? new Map<string, number>()
    const missed = Object.keys(ladder).filter((rule) => (counts.get(rule) ?? 0) === 0)
    return [name, missed.filter((rule) => !rowsOnly[name]?.includes(rule))] as const
  })
  expect(Object.fromEntries(never)).toEqual(Object.fromEntries(never.map(([name]) => [name, []])))
})
