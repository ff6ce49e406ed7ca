import type { Deployment, DeploymentRecord } from '@switchover/contract/deployment'
import type { Report } from '@switchover/contract/report'
import { digests, flags, instance } from '../../decide/fixture.ts'
import { newDeployment } from '../../decide/start.ts'
import type { Group } from '../../decide/world.ts'
import type { Facts, GroupFacts, PastSides } from './facts.ts'

/** Facts for tests: `web` on v2, finished, with two instances on `web-green`; `web-blue` idle; nothing to see to. */

export const now = 100 * 86_400_000

const tags = {
  'switchover:service': 'web',
  'switchover:store': 's3://bucket/prefix',
  'switchover:version': 'v2',
  'switchover:digest': digests.v2,
  'switchover:bundle': 'bbbbbbbbbbbb',
}

function group(name: string, change: Partial<Group> = {}): Group {
  return {
    name,
    min: 0,
    max: 4,
    desired: 0,
    suspended: [],
    tags,
    instances: [],
    hooks: { launching: [], terminating: [] },
    ...change,
  }
}

const around: Omit<GroupFacts, 'group'> = {
  suspendedAt: new Map(),
  sources: ['arn-web'],
  graceMs: 300_000,
  heedsLoadBalancer: true,
  policies: [],
  schedules: [],
  images: null,
  resolved: [],
}

export const report: Report = {
  instanceId: 'i-a',
  group: 'web-green',
  service: 'web',
  deployment: 'd1',
  phase: 'ready',
  since: '2026-01-01T00:00:00Z',
  writtenAt: '2026-01-01T00:00:00Z',
  version: 'v2',
  bundle: 'bbbbbbbbbbbb',
  images: [{ service: 'web', repository: 'registry/web', digest: digests.v2, imageId: digests.v1 }],
  reason: null,
  logs: [],
  timings: {},
  agent: '0.1.0',
}

const green = group('web-green', { min: 2, desired: 2, instances: [instance('i-a'), instance('i-b')] })

/** The deployment that brought v2 from `web-blue` to `web-green`, at its beginning. */
export const deployment: Deployment = newDeployment({
  id: 'd1',
  service: 'web',
  version: 'v2',
  digests: { '': digests.v2 },
  bundle: 'bbbbbbbbbbbb',
  flags,
  now: now - 3_600_000,
  old: group('web-blue', { min: 2, desired: 2, tags: { ...tags, 'switchover:version': 'v1' } }),
  new: group('web-green'),
})

const past: PastSides = {
  id: 'd1',
  first: false,
  outcome: 'finished',
  scaling: 'move',
  startedAt: now - 3_600_000,
  endedAt: now - 1_800_000,
  old: {
    ...deployment.old,
    written: {
      min: [3, 0],
      max: [],
      desired: [],
      suspended: ['AlarmNotification', 'AZRebalance'],
      resumed: [],
    },
  },
  new: { ...deployment.new, written: { min: [3, 2], max: [], desired: [2], suspended: [], resumed: [] } },
}

export const clean: Facts = {
  service: 'web',
  now,
  groups: [
    { ...around, group: group('web-blue') },
    {
      ...around,
      group: green,
      images: { state: 'present' },
      resolved: [{ repository: 'registry/web', tagged: digests.v2, found: digests.v2 }],
    },
  ],
  record: { schema: 1, service: 'web', lease: null, deployment: null },
  recordRead: true,
  past: [past],
  reports: new Map([
    ['i-a', report],
    ['i-b', report],
  ]),
  machines: new Map(),
  traffic: [
    {
      id: 'arn-web',
      name: 'web',
      kind: 'application',
      intervalMs: 5_000,
      healthyThreshold: 2,
      unhealthyThreshold: 2,
      drainMs: 30_000,
      slowStartMs: 0,
    },
  ],
  strays: [],
  alarms: [],
  bootMs: 60_000,
  unseen: [],
}

/** The clean facts with one group changed: its own fields, or what is around it. */
export function withGroup(
  name: 'web-blue' | 'web-green',
  change: Partial<Group>,
  aroundIt: Partial<Omit<GroupFacts, 'group'>> = {},
): Partial<Facts> {
  const groups = clean.groups.map((one) =>
    one.group.name === name ? { ...one, ...aroundIt, group: { ...one.group, ...change } } : one,
  )
  return { groups }
}

export function withTraffic(change: Partial<Facts['traffic'][number]>): Partial<Facts> {
  return { traffic: clean.traffic.map((one) => ({ ...one, ...change })) }
}

export function recordOf(
  change: Partial<Deployment> | null,
  lease: DeploymentRecord['lease'] = null,
): Partial<Facts> {
  const open = change === null ? null : { ...deployment, ...change }
  return { record: { schema: 1, service: 'web', lease, deployment: open } }
}

export function pastWith(change: Partial<PastSides>, ...older: readonly PastSides[]): Partial<Facts> {
  return { past: [{ ...past, ...change }, ...older] }
}
