import type { Trace } from '@switchover/contract/trace'
import { expect, test } from 'vitest'
import { beforeDeploy } from '../decide/fixture.ts'
import { emptyTrace } from './fixture.ts'
import { sectionOf } from './section.ts'

const { deployment } = beforeDeploy({ live: 2 })
const from = deployment.startedAt

function trace(more: Partial<Trace>): Trace {
  return emptyTrace({ from, to: from + 60_000, ...more })
}

const seen = (id: string, states: [number, string][]): Trace['instances'][number] => {
  return { id, side: 'old', zone: null, launchedAt: null, states, agent: null, lack: null }
}

const line = (at: number, text: string) => ({ at: from + at, owner: 'a', text })

test('what the first look found was there from the beginning: capacity does not begin with nobody', () => {
  const instances = [
    seen('i-1', [[800, 'serving']]),
    seen('i-2', [
      [800, 'serving'],
      [30_000, 'in-service'],
    ]),
  ]
  const section = sectionOf(
    {
      goal: 'deploy',
      runs: [{ from, to: from + 60_000, trace: trace({ instances, required: [[800, 2]] }), lines: [] }],
    },
    deployment,
    null,
  )
  expect(section.capacity).toEqual([
    { at: 0, old: 2, new: 0, required: 2 },
    { at: 30_000, old: 1, new: 0, required: 2 },
    { at: 60_000, old: 1, new: 0, required: 2 },
  ])
})

/** A run that did one thing. */
function run(text: string) {
  return { from, to: from + 60_000, trace: trace({}), lines: [line(1_000, text)] }
}

test('what was foretold of a way back is not held against the whole', () => {
  const record = { ...deployment, predicted: { switchedMs: 1_000, endedMs: 2_000 } }
  expect(sectionOf({ goal: 'deploy', runs: [run('size: so')] }, record, null).foretold).toEqual(
    record.predicted,
  )
  expect(sectionOf({ goal: 'deploy', runs: [run('turn-back: so')] }, record, null).foretold).toBeNull()
})

test('traffic that is brought back is no switch', () => {
  const lines = [line(1_000, 'turn-back: it failed'), line(2_000, 'mark-switched: all on the old')]
  const { marks } = sectionOf(
    { goal: 'deploy', runs: [{ from, to: from + 60_000, trace: trace({}), lines }] },
    deployment,
    null,
  )
  expect(marks.map(({ text, switched }) => [text, switched])).toEqual([
    ['turned back at 1.0s', false],
    ['all traffic on the old group at 2.0s', false],
  ])
})

test('nor is what a rollback finds where nothing had been parked', () => {
  const runs = [run('mark-switched: all on the old')]
  const back = sectionOf({ goal: 'rollback', runs }, { ...deployment, parked: [] }, null)
  expect(back.marks).toEqual([{ at: 1_000, text: 'all traffic on the old group at 1.0s', switched: false }])
  const parked = sectionOf({ goal: 'rollback', runs }, { ...deployment, parked: ['old-1'] }, null)
  expect(parked.marks).toEqual([{ at: 1_000, text: 'switched at 1.0s', switched: true }])
})

test('what a run finds in AWS, and the one before it had found, is told once', () => {
  const failed = { kind: 'launch-failed' as const, text: 'No room.' }
  const first = trace({ happenings: [{ ...failed, at: 5_000 }], left: 7 })
  const happenings = [
    { ...failed, at: -95_000 },
    { ...failed, at: 2_000 },
  ]
  const second = trace({ from: from + 100_000, to: from + 110_000, happenings, left: 7 })
  const runs = [first, second].map((one) => ({ from: one.from, to: one.to, trace: one, lines: [] }))
  const { entries, left } = sectionOf({ goal: 'deploy', runs }, deployment, null)
  expect(entries.map(({ at, text }) => [at, text])).toEqual([
    [5_000, 'No room.'],
    [102_000, 'No room.'],
  ])
  expect(left).toBe(7)
})

test.each([
  ['a', 'under way'],
  [null, 'killed, or out of reach of the store'],
])('a run that has left nothing, while %s holds the lease, is %s', (atWork, rest) => {
  const runs = [{ from, to: from + 60_000, trace: null, lines: [line(1_000, 'size: so')] }]
  expect(sectionOf({ goal: 'deploy', runs }, deployment, atWork).rest).toBe(rest)
})
