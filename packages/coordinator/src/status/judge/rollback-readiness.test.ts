import type { Report } from '@switchover/contract/report'
import { describe, expect, test } from 'vitest'
import { instance } from '../../decide/fixture.ts'
import type { MachineState } from '../../decide/world.ts'
import { judgeRollback, type RollbackFacts } from './rollback-readiness.ts'
import type { TrafficSettings } from './traffic.ts'

const now = 10_000_000
const ids = ['i-a', 'i-b']

const web: TrafficSettings = {
  id: 'arn',
  name: 'web',
  kind: 'application',
  intervalMs: 10_000,
  healthyThreshold: 5,
  unhealthyThreshold: 2,
  drainMs: 30_000,
  slowStartMs: 0,
}

const report: Report = {
  instanceId: 'i-a',
  group: 'web-blue',
  service: 'web',
  deployment: null,
  phase: 'parked',
  since: '2026-01-01T00:00:00Z',
  writtenAt: '2026-01-01T00:00:00Z',
  version: 'v1',
  bundle: null,
  images: [],
  reason: null,
  logs: [],
  timings: {},
  agent: '0.1.0',
}

/** Two parked instances, well and lately heard of, before an application load balancer. */
const facts: RollbackFacts = {
  now,
  parkedSince: 0,
  agents: true,
  parked: {
    name: 'web-blue',
    min: 0,
    max: 4,
    desired: 0,
    suspended: ['AlarmNotification', 'ScheduledActions', 'AZRebalance'],
    tags: {},
    instances: ids.map((id) => instance(id, 'Standby')),
    hooks: { launching: [], terminating: [] },
  },
  machines: new Map(ids.map((id): [string, MachineState] => [id, 'running'])),
  reports: new Map(ids.map((id) => [id, report])),
  heardAt: new Map(ids.map((id) => [id, now - 60_000])),
  demand: 2,
  images: { state: 'present' },
  traffic: [web],
  bootMs: 45_000,
}

const parked = (change: Partial<RollbackFacts['parked']>): Partial<RollbackFacts> => ({
  parked: { ...facts.parked, ...change },
})
const reported = (change: Partial<Report>): Partial<RollbackFacts> => ({
  reports: new Map([...facts.reports, ['i-b', { ...report, ...change }]]),
})
const judge = (change: Partial<RollbackFacts> = {}) => judgeRollback({ ...facts, ...change })

test('a fleet that is well is READY, in one health check', () => {
  expect(judge()).toEqual({ ready: true, reasons: [], notes: [], estimateMs: 13_000 })
})

describe('NOT READY', () => {
  const terminal = { code: 'x', sentence: 'The disk is gone.', kind: 'terminal' } as const
  test.each<[string, Partial<RollbackFacts>, string[]]>([
    [
      'nothing is parked any more',
      { ...parked({ instances: [] }), demand: 0 },
      ['No instance of web-blue is parked any more.'],
    ],
    [
      'EC2 says one is not running, one it does not know',
      { machines: new Map([['i-a', 'stopped']]), demand: 0 },
      ['Not running, says EC2: i-a (stopped), i-b (missing).'],
    ],
    [
      'an agent has said nothing for more than three minutes',
      {
        heardAt: new Map([
          ['i-a', now - 180_000],
          ['i-b', now - 180_001],
        ]),
      },
      ['No word from their agents within three minutes: i-b.'],
    ],
    [
      'an agent never said anything',
      { reports: new Map([['i-a', report]]), heardAt: new Map([['i-a', now]]) },
      ['No word from their agents within three minutes: i-b.'],
    ],
    [
      'an app is not healthy, and the agent hopes',
      reported({
        phase: 'verifying',
        reason: { ...terminal, kind: 'retryable', sentence: 'The app answers 500.' },
      }),
      ['Not healthy, say their agents: i-b (The app answers 500.).'],
    ],
    [
      'an agent gave up: one more has to be launched',
      reported({ phase: 'failed', reason: terminal }),
      [
        'Not healthy, say their agents: i-b (The disk is gone.).',
        '2 instances needed, 1 can come back: rollback has to launch 1.',
      ],
    ],
    [
      'Launch is suspended',
      parked({ suspended: ['Launch'] }),
      ['Launch suspended on web-blue: no instance could come back into service.'],
    ],
    [
      'AddToLoadBalancer is suspended',
      parked({ suspended: ['AddToLoadBalancer', 'AZRebalance'] }),
      ['AddToLoadBalancer suspended on web-blue: no instance could come back into service.'],
    ],
    [
      'MaxSize is too small',
      parked({ max: 1 }),
      ['MaxSize of web-blue is 1, 2 are needed: rollback has to raise it.'],
    ],
    [
      'the drain is not over',
      parked({ instances: [instance('i-a', 'Standby'), instance('i-b', 'EnteringStandby')] }),
      ['Still draining, 30s at the longest: i-b.'],
    ],
    [
      'the service has grown',
      { demand: 4 },
      ['4 instances needed, 2 can come back: rollback has to launch 2.'],
    ],
    [
      'the old image is gone from its registry',
      { images: { state: 'missing', sentence: 'The image web@sha256:1 is not in its registry.' } },
      ['The image web@sha256:1 is not in its registry.'],
    ],
  ])('%s', (_, change, reasons) => {
    expect(judge(change)).toMatchObject({ ready: false, reasons })
  })
})

describe('READY all the same', () => {
  test.each<[string, Partial<RollbackFacts>, string[]]>([
    ['parked a moment ago, agents not due yet', { parkedSince: now - 10_000, heardAt: new Map() }, []],
    ['no agents to hear of', { agents: false, reports: new Map(), heardAt: new Map() }, []],
    [
      'nobody knows whether the image is there',
      { images: { state: 'unknown', sentence: 'The registry could not be reached.' } },
      ['Not known whether the image is still there: The registry could not be reached.'],
    ],
    [
      'slow start is named',
      { traffic: [{ ...web, slowStartMs: 60_000 }] },
      ['web has a slow start: full share of traffic only 1m later.'],
    ],
  ])('%s', (_, change, notes) => {
    expect(judge(change)).toMatchObject({ ready: true, reasons: [], notes })
  })
})

describe('the estimate', () => {
  test.each<[string, Partial<RollbackFacts>, number | null]>([
    ['classic: all of its threshold', { traffic: [{ ...web, kind: 'classic' }] }, 53_000],
    ['network: all of its threshold', { traffic: [{ ...web, kind: 'network' }] }, 53_000],
    ['the slowest of several', { traffic: [web, { ...web, intervalMs: 30_000 }] }, 33_000],
    ['with a boot where one is launched', { demand: 3 }, 58_000],
    ['nobody knows the boot', { demand: 3, bootMs: null }, null],
    [
      'with the drain that is left',
      parked({ instances: [instance('i-a', 'Standby'), instance('i-b', 'EnteringStandby')] }),
      43_000,
    ],
  ])('%s', (_, change, estimateMs) => {
    expect(judge(change).estimateMs).toBe(estimateMs)
  })
})
