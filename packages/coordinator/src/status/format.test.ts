import { describe, expect, test } from 'vitest'
import { formatStatus, nextCommand, summarise } from './format.ts'
import type { DeploymentStatus, GroupStatus, InstanceStatus, ServiceStatus } from './model.ts'

const instance: InstanceStatus = {
  id: 'i-0000000000000000a',
  lifecycle: 'InService',
  loadBalancer: 'healthy',
  machine: null,
  report: { phase: 'ready', since: '2026-01-01T00:00:00.000Z', version: 'v2', reason: null },
}
const green: GroupStatus = {
  name: 'web-green',
  role: 'live',
  version: 'v2',
  min: 1,
  max: 4,
  desired: 1,
  suspended: [],
  activities: [],
  instances: [instance],
}
const blue: GroupStatus = {
  name: 'web-blue',
  role: 'parked',
  version: 'v1',
  min: 0,
  max: 4,
  desired: 0,
  suspended: ['AlarmNotification', 'ScheduledActions'],
  activities: [
    { at: '2026-01-01T00:05:00.000Z', state: 'InProgress', text: 'Moving EC2 instance to Standby: i-0b' },
    { at: '2026-01-01T00:00:00.000Z', state: 'Successful', text: 'Launching a new EC2 instance: i-0b' },
  ],
  instances: [
    { ...instance, id: 'i-0000000000000000b', lifecycle: 'Standby', loadBalancer: null, machine: 'running' },
    {
      id: 'i-0000000000000000c',
      lifecycle: 'Standby',
      loadBalancer: null,
      machine: 'terminated',
      report: null,
    },
  ],
}
const parked: DeploymentStatus = {
  id: '20260101-000000-0001',
  version: 'v2',
  goal: 'deploy',
  stage: 'parked',
  startedAt: '2026-01-01T00:00:00.000Z',
  failure: null,
  watchedUntil: null,
}
const status: ServiceStatus = {
  service: 'web',
  store: 's3://store/switchover',
  groups: [blue, green],
  deployment: parked,
  rollback: { ready: true, reasons: [], notes: ['web has a slow start.'], estimateMs: 13_000 },
  lease: null,
}

test('every group and instance has its line', () => {
  expect(formatStatus(status).split('\n')).toEqual([
    'web  s3://store/switchover',
    '',
    'web-blue  parked  v1  min 0, max 4, desired 0  2 Standby',
    '  suspended: AlarmNotification, ScheduledActions',
    '  i-0000000000000000b  Standby  not registered  ready since 2026-01-01T00:00:00Z',
    '  i-0000000000000000c  Standby  not registered  no report                         EC2: terminated',
    '  lately:',
    '    2026-01-01T00:05:00Z  InProgress  Moving EC2 instance to Standby: i-0b',
    '    2026-01-01T00:00:00Z  Successful  Launching a new EC2 instance: i-0b',
    '',
    'web-green  live  v2  min 1, max 4, desired 1  1 InService',
    '  i-0000000000000000a  InService  healthy  ready since 2026-01-01T00:00:00Z',
    '',
    'deployment 20260101-000000-0001: v2, deployed, the old instances are parked, begun 2026-01-01T00:00:00Z',
    'rollback: READY, about 13s until all new traffic is back',
    '  web has a slow start.',
    'nobody holds the lease',
    'next: switchover finish web, or switchover rollback web',
    '',
  ])
})

test('a reason and a failure are said in full', () => {
  const reason = { code: 'app-unhealthy', sentence: 'The app answers 500.', kind: 'retryable' as const }
  const sick = { ...instance, report: { phase: 'verifying' as const, since: 's', version: 'v2', reason } }
  const text = formatStatus({
    ...status,
    groups: [{ ...green, instances: [sick] }],
    rollback: null,
    deployment: { ...parked, stage: 'held', failure: { ...reason, sentence: 'No instance came up.' } },
  })
  expect(text).toContain('verifying since s  The app answers 500.\n')
  expect(text).toContain('held after a failure, begun 2026-01-01T00:00:00Z\n  failed: No instance came up.\n')
})

test.each([
  [
    { interruption: { action: 'terminate', at: '2026-01-01T00:02:00.000Z' } },
    'Spot: EC2 takes it back (terminate) at 2026-01-01T00:02:00Z',
  ],
  [
    { rebalanceRecommended: '2026-01-01T00:00:00.000Z' },
    'Spot: replacing it is recommended since 2026-01-01T00:00:00Z',
  ],
])('what EC2 told a Spot instance stands at its line', (notice, text) => {
  const report = { phase: 'ready' as const, since: 's', version: 'v2', reason: null, ...notice }
  const shown = formatStatus({ ...status, groups: [{ ...green, instances: [{ ...instance, report }] }] })
  expect(shown).toContain(`ready since s  ${text}\n`)
})

test('why AWS did something is said where it went wrong', () => {
  const one = { at: '2026-01-01T00:00:00.000Z', text: 'Launching: i-0b; no capacity' }
  const activities = ['Failed', 'Successful'].map((state) => ({ ...one, state }))
  const text = formatStatus({ ...status, groups: [{ ...green, activities }] })
  expect(text).toContain('2026-01-01T00:00:00Z  Failed      Launching: i-0b; no capacity\n')
  expect(text).toContain('2026-01-01T00:00:00Z  Successful  Launching: i-0b\n')
})

test('why a rollback is not ready, a line each', () => {
  const rollback = { ready: false, reasons: ['One.', 'Two.'], notes: [], estimateMs: null }
  expect(formatStatus({ ...status, rollback })).toContain(
    '\nrollback: NOT READY, how long it would take is not known\n  One.\n  Two.\nnobody',
  )
})

test('one sentence', () => {
  expect(summarise(status)).toBe(
    'web: v2 is live on web-green; v2 is deployed, the old instances are parked.',
  )
  expect(summarise({ ...status, groups: [], deployment: null })).toBe(
    'web: nothing is live; no deployment is open.',
  )
})

test('what bakes says until when', () => {
  const watchedUntil = '2026-01-01T00:10:00.000Z'
  const deployment = { ...parked, goal: 'canary' as const, stage: 'running' as const, watchedUntil }
  const lease = { owner: 'a', expiresAt: 'later', expired: false }
  expect(summarise({ ...status, deployment, lease })).toContain('v2 is watched until 2026-01-01T00:10:00Z')
  expect(summarise({ ...status, deployment })).toContain('v2 was interrupted while being watched.')
})

test.each([null, { owner: 'a', expiresAt: 's', expired: true }])(
  'what nobody brings on was interrupted',
  (lease) => {
    const deployment = { ...parked, goal: 'rollback' as const, stage: 'running' as const }
    expect(formatStatus({ ...status, deployment, lease })).toContain(
      ': v2, interrupted while being rolled back, begun',
    )
  },
)

describe('the next command', () => {
  const lease = { owner: 'a', expiresAt: 'later', expired: false }
  test.each([
    ['nothing open', null, null, null],
    ['parked', parked, null, 'switchover finish web, or switchover rollback web'],
    [
      'a canary',
      { ...parked, goal: 'canary' as const, stage: 'canary' as const },
      null,
      'switchover promote web, or switchover rollback web',
    ],
    [
      'some of a rollback is kept',
      { ...parked, goal: 'rollback' as const, stage: 'kept' as const },
      null,
      'switchover finish web',
    ],
    [
      'held',
      { ...parked, stage: 'held' as const },
      null,
      'switchover rollback web, or switchover resume web',
    ],
    [
      'interrupted',
      { ...parked, stage: 'running' as const },
      { ...lease, expired: true },
      'switchover resume web',
    ],
    ['somebody is at it', { ...parked, stage: 'running' as const }, lease, null],
  ])('%s', (_, deployment, lease, expected) => {
    expect(nextCommand({ ...status, deployment, lease })).toBe(expected)
  })
})
