import { expect, test } from 'vitest'
import { generatePlan } from './generate.ts'
import type { Plan } from './plan.ts'
import { shrink } from './shrink.ts'

/** A world with a bit of everything. */
const wild = Array.from({ length: 500 }, (_, seed) => generatePlan(seed)).find(
  ({ hands, events, faults, others }) =>
    hands.length > 0 && events.length > 0 && faults.length > 1 && others.length > 0,
) as Plan

test('a plan is cut down to what it takes', async () => {
  const [first] = wild.faults
  const { plan, runs } = await shrink(wild, async ({ faults }) =>
    faults.some(({ kind, call }) => kind === first?.kind && call === first.call),
  )
  expect(plan).toMatchObject({
    others: [],
    heirs: [],
    hands: [],
    events: [],
    faults: [{ ...first, times: 1 }],
  })
  expect(plan.story).toHaveLength(1)
  expect(plan.story[0]?.fate).toEqual({ killed: null, pauses: [], stoppedAfter: null })
  expect(plan.service).toMatchObject({ live: 1, v2: 'good', scaling: 'none', launchHook: false })
  expect(runs).toBeLessThanOrEqual(200)
})

test('a plan of which nothing can be left out stays as it is', async () => {
  const text = JSON.stringify(wild)
  const { plan } = await shrink(wild, async (one) => JSON.stringify(one) === text)
  expect(plan).toEqual(wild)
})
