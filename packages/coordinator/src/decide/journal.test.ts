import { expect, test } from 'vitest'
import { deploymentSchema } from '@switchover/contract/deployment'
import type { Deployment } from '@switchover/contract/deployment'
import { beforeDeploy, run } from './fixture.ts'
import { journalled } from './journal.ts'
import { turnTo } from './start.ts'
import type { Step } from './step.ts'

const start = beforeDeploy({ suspended: ['AZRebalance'] }).deployment
const failure = { code: 'timeout', sentence: 'It took too long.', kind: 'terminal' } as const
const unwatched = { bakeAt: null, shortAt: null }
const nothing = { min: [], max: [], desired: [], suspended: [], resumed: [] }
const why = 'because of this test'
const old = { group: 'web-blue', why }

const rows: [what: string, step: Step, change: Partial<Deployment>][] = [
  [
    'sizes are ours from now on',
    { kind: 'size', min: 3, desired: 4, ...old },
    { old: { ...start.old, written: { ...nothing, min: [3], desired: [4] } } },
  ],
  [
    'only what was running before is ours to resume',
    { kind: 'suspend', processes: ['AlarmNotification', 'AZRebalance'], ...old },
    { old: { ...start.old, written: { ...nothing, suspended: ['AlarmNotification'] } } },
  ],
  [
    'parked, and since when the last of them drains',
    { kind: 'enter-standby', instances: ['old-1'], ...old },
    { parked: ['old-1'], parkingAt: 2_000_000 },
  ],
  [
    'kept: a new instance in Standby',
    { kind: 'enter-standby', instances: ['web-green#1'], group: 'web-green', why },
    { kept: ['web-green#1'] },
  ],
  ['unprotected', { kind: 'unprotect', instances: ['old-1'], ...old }, { unprotected: ['old-1'] }],
  ['ending', { kind: 'detach', instances: ['old-1'], ...old }, { ending: ['old-1'] }],
  ['required grows', { kind: 'require', required: 5, why }, { required: 5 }],
  ['required never shrinks', { kind: 'require', required: 1, why }, {}],
  [
    'switched',
    { kind: 'mark-switched', why },
    { marks: { begunAt: 1_000_000, switchedAt: 2_000_000, coveredAt: null, resumedAt: null, ...unwatched } },
  ],
  [
    'covered',
    { kind: 'mark-covered', covered: true, why },
    { marks: { begunAt: 1_000_000, switchedAt: null, coveredAt: 2_000_000, resumedAt: null, ...unwatched } },
  ],
  [
    'turned back',
    { kind: 'turn-back', failure, why },
    {
      goal: 'rollback',
      failure,
      marks: { begunAt: 2_000_000, switchedAt: null, coveredAt: null, resumedAt: null, ...unwatched },
    },
  ],
  ['parked and done', { kind: 'settle', stage: 'parked', why }, { stage: 'parked' }],
  ['held', { kind: 'settle', stage: 'held', failure, why }, { stage: 'held', failure }],
  ['a tag leaves its line only', { kind: 'tag', set: {}, remove: [], ...old }, {}],
]

test.each(rows)('%s', (_, step, change) => {
  const line = { at: 2_000_000, owner: 'ops@host', text: `${step.kind}: ${why}` }
  expect(journalled(start, step, 2_000_000, 'ops@host')).toEqual({ ...start, ...change, journal: [line] })
})

test('a wait leaves the very same record', () => {
  const step: Step = { kind: 'wait', waitingFor: 'nothing', instances: [], why }
  expect(journalled(start, step, 2_000_000, 'ops@host')).toBe(start)
})

test('values are noted once, and the journal keeps its last 500 lines', () => {
  let deployment = start
  for (let n = 0; n < 600; n++)
    deployment = journalled(deployment, { kind: 'size', min: 1, ...old }, n, 'ops')
  expect(deployment.old.written.min).toEqual([1])
  expect(deployment.journal).toHaveLength(500)
  expect(deployment.journal.at(-1)?.at).toBe(599)
})

test('the moments of a deployment outlast what the journal keeps, as far as there is room', () => {
  const mark = { kind: 'mark-switched', why } as const
  const size = { kind: 'size', min: 1, ...old } as const
  let deployment = journalled(journalled(start, size, 0, 'ops'), mark, 1, 'ops')
  for (let n = 2; n < 700; n++) deployment = journalled(deployment, size, n, 'ops')
  expect(deployment.journal).toHaveLength(500)
  expect(deployment.journal.slice(0, 2).map(({ at }) => at)).toEqual([1, 201])
  for (let n = 700; n < 1_300; n++) deployment = journalled(deployment, mark, n, 'ops')
  expect(deployment.journal.map(({ at }) => at)).toEqual(Array.from({ length: 500 }, (_, at) => at + 800))
})

test('a rollback that stops for a person was not turned by a failure', () => {
  const asked = turnTo(start, 'rollback', 1)
  expect(journalled(asked, { kind: 'settle', stage: 'held', failure, why }, 2, 'ops').failure).toBeNull()
})

test('what was parked at the end of a deploy is a legal record', () => {
  const { deployment } = run(beforeDeploy()).world
  expect(deploymentSchema.parse(JSON.parse(JSON.stringify(deployment)))).toEqual(deployment)
})

test('a command turns the goal, begins its time anew and forgets the failure', () => {
  const parked = run(beforeDeploy()).world.deployment
  const back = turnTo({ ...parked, failure }, 'rollback', 5)
  expect(back).toMatchObject({ goal: 'rollback', stage: 'running', failure: null })
  expect(back.marks).toEqual({ begunAt: 5, switchedAt: null, coveredAt: null, resumedAt: null, ...unwatched })
})

test('the same goal once more keeps its moments, and a rollback its failure', () => {
  const parked = run(beforeDeploy()).world.deployment
  expect(turnTo(parked, 'deploy', 5).marks).toEqual({ ...parked.marks, resumedAt: 5 })
  const turned = journalled(start, { kind: 'turn-back', failure, why }, 3, 'ops')
  expect(turnTo(turned, 'rollback', 5).failure).toEqual(failure)
})
