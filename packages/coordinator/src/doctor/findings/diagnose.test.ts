import type { Deployment } from '@switchover/contract/deployment'
import { describe, expect, test } from 'vitest'
import { digests, instance } from '../../decide/fixture.ts'
import { diagnose } from './diagnose.ts'
import type { Facts } from './facts.ts'
import type { Finding } from './finding.ts'
import { clean, deployment, now, pastWith, recordOf, report, withGroup, withTraffic } from './fixture.ts'

type Change = Partial<Facts>

function find(code: string, change: Change): Finding | undefined {
  return diagnose({ ...clean, ...change }).find((finding) => finding.code === code)
}

const blueInService = withGroup('web-blue', { desired: 1, instances: [instance('i-x')] })
const blueStandby = withGroup('web-blue', {
  instances: [instance('i-x', 'Standby'), instance('i-y', 'EnteringStandby')],
})
const parked = { stage: 'parked' as const, marks: { ...deployment.marks, switchedAt: now - 36_000_000 } }
const expired = { owner: 'alice', expiresAt: now - 1 }
const policy = { name: 'cpu', body: 'keep 50 %' }
/** Half-way through the deployment that has ended, and after its end. */
const meanwhile = (process: string) => ({ suspendedAt: new Map([[process, now - 2_700_000]]) })
const since = (process: string) => ({ suspendedAt: new Map([[process, now - 600_000]]) })
/** As AWS tells it, so long before the deployment that has ended began. */
const justBefore = (ms: number) => ({
  suspendedAt: new Map([['AlarmNotification', now - 3_600_000 - ms]]),
})
const lastWrote = (min: number[], suspended: string[] = []): Deployment['old'] => ({
  ...deployment.old,
  written: { min, max: [], desired: [], suspended, resumed: [] },
})

test('a finished service has nothing to see to', () => {
  expect(diagnose(clean)).toEqual([])
})

describe('each leftover is found', () => {
  test.each<[code: string, situation: string, Change, Partial<Finding>]>([
    [
      'both-serving',
      'two groups in service and nothing open',
      blueInService,
      { severity: 'danger', what: expect.stringContaining('web-blue (v2), web-green (v2)') },
    ],
    [
      'both-serving',
      'the parked group serves again',
      { ...blueInService, ...recordOf(parked) },
      { mend: expect.stringContaining('--auto-scaling-group-name web-blue --min-size 0') },
    ],
    [
      'nothing-serves',
      'no group has an instance',
      withGroup('web-green', { instances: [] }),
      { severity: 'danger' },
    ],
    [
      'orphan-standby',
      'Standby that no open deployment knows of',
      blueStandby,
      { severity: 'warning', what: expect.stringContaining('i-x, i-y'), fix: null },
    ],
    [
      'dead-standby',
      'a terminated machine in Standby',
      { ...blueStandby, machines: new Map([['i-x', 'terminated']]) },
      { what: 'In Standby in web-blue, yet terminated, says EC2: i-x.' },
    ],
    [
      'outside-groups',
      'running without a group',
      { strays: [{ id: 'i-z', state: 'running', launchedAt: now - 7_200_000 }] },
      {
        risk: expect.stringContaining('2.0 instance-hours'),
        mend: 'aws ec2 terminate-instances --instance-ids i-z',
      },
    ],
    [
      'suspension-left',
      'what the last deployment suspended on the group that serves',
      {
        ...withGroup('web-green', { suspended: ['AZRebalance'] }, meanwhile('AZRebalance')),
        ...pastWith({ new: { ...lastWrote([], ['AZRebalance']), name: 'web-green' } }),
      },
      {
        severity: 'danger',
        fix: {
          kind: 'steps',
          steps: [expect.objectContaining({ kind: 'resume', processes: ['AZRebalance'] })],
        },
      },
    ],
    [
      'suspension-left',
      'what was suspended in the second the deployment began in, of which AWS tells no fraction',
      {
        ...withGroup('web-blue', { suspended: ['AlarmNotification'] }, justBefore(400)),
        ...pastWith({ startedAt: now - 3_600_000, old: lastWrote([], ['AlarmNotification']) }),
      },
      { severity: 'warning' },
    ],
    [
      'suspension-left',
      'what an older deployment suspended, and none since has found',
      {
        ...withGroup('web-blue', { suspended: ['AlarmNotification'] }, meanwhile('AlarmNotification')),
        ...pastWith({ old: lastWrote([]) }, { ...clean.past[0]!, old: lastWrote([], ['AlarmNotification']) }),
      },
      {
        severity: 'warning',
        mend: 'aws autoscaling resume-processes --auto-scaling-group-name web-blue --scaling-processes AlarmNotification',
      },
    ],
    [
      'cannot-launch',
      'Launch suspended on the idle group',
      withGroup('web-blue', { suspended: ['Launch', 'Terminate'] }),
      { severity: 'danger', what: 'Launch is suspended on web-blue, by another hand.', fix: null },
    ],
    [
      'suspended-by-others',
      "an operator's own suspension",
      withGroup('web-green', { suspended: ['AZRebalance'] }),
      { severity: 'note', fix: null },
    ],
    [
      'min-not-restored',
      'a pin on the new group after finish',
      withGroup('web-green', { min: 3, desired: 3 }),
      {
        fix: {
          kind: 'steps',
          steps: [expect.objectContaining({ kind: 'size', group: 'web-green', min: 2 })],
        },
      },
    ],
    [
      'min-not-restored',
      'a pin on the old group after rollback',
      {
        ...withGroup('web-green', { min: 3 }),
        ...pastWith({
          outcome: 'rolled-back',
          new: { ...lastWrote([3]), name: 'web-green' },
          old: deployment.old,
        }),
      },
      { mend: expect.stringContaining('--min-size 2') },
    ],
    [
      'min-not-restored',
      'a pin while the old fleet is parked',
      {
        ...withGroup('web-green', { min: 3, desired: 3 }),
        ...recordOf({ ...parked, new: { ...lastWrote([3]), name: 'web-green' } }),
      },
      { mend: expect.stringContaining('--min-size 2') },
    ],
    [
      'min-not-restored',
      'one that would launch instances is for a person',
      {
        ...withGroup('web-green', { min: 0, desired: 1 }),
        ...pastWith({ new: { ...lastWrote([0]), name: 'web-green' } }),
      },
      { fix: null },
    ],
    [
      'idle-not-at-zero',
      'desired without an instance',
      withGroup('web-blue', { desired: 1 }),
      { severity: 'warning', fix: null },
    ],
    [
      'idle-version',
      'the idle group is tagged with the version before',
      withGroup('web-blue', { tags: { ...deployment.old.before.tags, 'switchover:digest': digests.v1 } }),
      {
        mend: expect.stringContaining('Key=switchover:version,Value=v2,PropagateAtLaunch=false'),
        fix: {
          kind: 'steps',
          steps: [
            expect.objectContaining({
              kind: 'tag',
              group: 'web-blue',
              set: { 'switchover:version': 'v2', 'switchover:digest': digests.v2 },
            }),
          ],
        },
      },
    ],
    [
      'moved-tag',
      'the version was pushed again',
      withGroup(
        'web-green',
        {},
        { resolved: [{ repository: 'registry/web', tagged: digests.v2, found: digests.v1 }] },
      ),
      { mend: `docker buildx imagetools create --tag registry/web:v2 registry/web@${digests.v2}` },
    ],
    [
      'moved-tag',
      'the version is no tag any more',
      withGroup(
        'web-green',
        {},
        { resolved: [{ repository: 'registry/web', tagged: digests.v2, found: null }] },
      ),
      { what: expect.stringContaining('no tag in its registry any more') },
    ],
    [
      'other-version',
      'an instance runs another version than its group says',
      { reports: new Map([['i-b', { ...report, version: 'v1' }]]) },
      { severity: 'danger', what: 'Not what the tags of web-green say, v2: i-b (runs v1).' },
    ],
    [
      'other-version',
      'an instance runs another digest',
      { reports: new Map([['i-b', { ...report, images: [{ ...report.images[0]!, digest: digests.v1 }] }]]) },
      { what: expect.stringContaining(`i-b (runs ${digests.v1} as web)`) },
    ],
    [
      'image-gone',
      'the image of live is gone',
      withGroup(
        'web-green',
        {},
        { images: { state: 'missing', sentence: 'The image web is not in its registry.' } },
      ),
      { severity: 'danger', what: 'The image web is not in its registry.' },
    ],
    [
      'image-not-known',
      'the registry is out of reach',
      withGroup('web-green', {}, { images: { state: 'unknown', sentence: 'It could not be reached.' } }),
      { severity: 'note' },
    ],
    [
      'slow-drain',
      'a drain of 300 s',
      withTraffic({ drainMs: 300_000 }),
      { risk: expect.stringContaining('5m'), mend: expect.stringContaining('--target-group-arn arn-web') },
    ],
    [
      'slow-health-checks',
      'a classic load balancer with the defaults',
      withTraffic({ kind: 'classic', intervalMs: 30_000, healthyThreshold: 10 }),
      { severity: 'warning', risk: expect.stringContaining('303 s for its first traffic') },
    ],
    [
      'slow-health-checks',
      'an application load balancer with the defaults: only recovery is slow',
      withTraffic({ intervalMs: 30_000, healthyThreshold: 5 }),
      {
        severity: 'note',
        risk: expect.stringContaining('33 s for its first traffic, one that has recovered 150 s'),
      },
    ],
    [
      'short-grace',
      'less than a boot, and no launch hook',
      withGroup('web-green', {}, { graceMs: 30_000 }),
      { severity: 'danger', mend: expect.stringContaining('--health-check-grace-period 90') },
    ],
    [
      'parked-fleet',
      'parked for hours',
      { ...blueStandby, ...recordOf(parked) },
      {
        severity: 'note',
        what: '1 instance of v1 parked in web-blue for 10h.',
        risk: expect.stringContaining('10.0 instance-hours'),
      },
    ],
    [
      'parked-fleet',
      'parked for more than a day',
      {
        ...blueStandby,
        ...recordOf({ ...parked, marks: { ...parked.marks, switchedAt: now - 90_000_000 } }),
      },
      { severity: 'warning', mend: 'switchover finish web' },
    ],
    [
      'interrupted',
      'an open deployment that nobody goes on with',
      recordOf({ stage: 'running' }, expired),
      { severity: 'danger', mend: 'switchover resume web', fix: null },
    ],
    [
      'held',
      'a person must decide',
      recordOf({ stage: 'held', goal: 'deploy' }),
      { mend: 'switchover rollback web, or switchover resume web' },
    ],
    [
      'held',
      'a person must decide about a canary',
      recordOf({ stage: 'held', goal: 'canary' }),
      { mend: 'switchover rollback web, or switchover resume web' },
    ],
    ['expired-lease', 'nothing open', recordOf(null, expired), { fix: { kind: 'give-back' } }],
    [
      'expired-lease',
      'at rest with a parked fleet',
      { ...blueStandby, ...recordOf(parked, expired) },
      { fix: { kind: 'give-back' } },
    ],
    [
      'at-work',
      'somebody holds the lease',
      recordOf(null, { owner: 'bob', expiresAt: now + 1 }),
      { severity: 'note' },
    ],
    [
      'old-canary',
      'canaries of yesterday',
      recordOf({
        stage: 'canary',
        goal: 'canary',
        marks: { ...deployment.marks, begunAt: now - 90_000_000 },
      }),
      { mend: 'switchover promote web, or switchover rollback web' },
    ],
    [
      'old-keep',
      'instances kept since yesterday',
      recordOf({
        stage: 'kept',
        goal: 'rollback',
        marks: { ...deployment.marks, begunAt: now - 90_000_000 },
      }),
      { mend: 'switchover finish web' },
    ],
    [
      'alarm-aside',
      'an alarm on the idle group',
      {
        alarms: [
          { name: 'cpu', group: 'web-blue' },
          { name: 'cpu2', group: 'web-green' },
        ],
      },
      { what: 'The alarm cpu watches web-blue by name, which does not serve.' },
    ],
    [
      'doubled-policy',
      'a move that stopped half-way',
      { groups: clean.groups.map((one) => ({ ...one, policies: [policy] })) },
      {
        severity: 'warning',
        mend: "aws autoscaling delete-policy --auto-scaling-group-name web-blue --policy-name 'cpu'",
      },
    ],
    [
      'doubled-policy',
      'where nothing was ever moved it may be meant',
      { groups: clean.groups.map((one) => ({ ...one, policies: [policy] })), past: [] },
      { severity: 'note' },
    ],
    [
      'idle-policy',
      'a policy left on the idle group',
      withGroup('web-blue', {}, { policies: [policy] }),
      { severity: 'warning' },
    ],
    [
      'idle-schedule',
      'a schedule that differs',
      { groups: clean.groups.map((one, n) => ({ ...one, schedules: [{ name: 'night', body: String(n) }] })) },
      { what: expect.stringContaining('web-blue') },
    ],
    [
      'protection-left',
      'protected instances aside',
      withGroup('web-blue', { instances: [{ ...instance('i-x', 'Standby'), protected: true }] }),
      { severity: 'note' },
    ],
    [
      'not-a-pair',
      'one group',
      { groups: clean.groups.slice(1) },
      { severity: 'danger', what: expect.stringContaining('Only one group') },
    ],
    [
      'not-a-pair',
      'three groups',
      {
        groups: [
          ...clean.groups,
          { ...clean.groups[0]!, group: { ...clean.groups[0]!.group, name: 'web-red' } },
        ],
      },
      { what: expect.stringContaining('3 groups') },
    ],
    [
      'store-differs',
      'the idle group names another store',
      withGroup('web-green', { tags: { ...clean.groups[0]!.group.tags, 'switchover:store': 's3://other' } }),
      { what: 'The tag switchover:store of web-green is s3://other, not s3://bucket/prefix.' },
    ],
    [
      'load-balancers-differ',
      'one attached to nothing',
      withGroup('web-blue', {}, { sources: [] }),
      { severity: 'danger' },
    ],
    [
      'tags-unreadable',
      'a digest that is none',
      withGroup('web-blue', { tags: { ...clean.groups[0]!.group.tags, 'switchover:digest': 'x' } }),
      { severity: 'danger' },
    ],
    [
      'not-looked-at',
      'a permission is missing',
      { unseen: ['AWS denied permission while reading alarms.'] },
      { severity: 'warning' },
    ],
  ])('%s: %s', (code, _, change, expected) => {
    expect(find(code, change)).toMatchObject(expected)
  })
})

describe('what is meant is left alone', () => {
  test.each<[code: string, situation: string, Change]>([
    [
      'both-serving',
      'while a deployment is under way',
      { ...blueInService, ...recordOf({ stage: 'running' }) },
    ],
    [
      'both-serving',
      'beside a canary',
      { ...blueInService, ...recordOf({ stage: 'canary', goal: 'canary' }) },
    ],
    ['orphan-standby', 'the parked fleet of an open deployment', { ...blueStandby, ...recordOf(parked) }],
    ['orphan-standby', 'when the record cannot be read', { ...blueStandby, record: null, recordRead: false }],
    [
      'suspension-left',
      'while the fleet is parked',
      {
        ...withGroup('web-blue', { suspended: ['AlarmNotification'] }, meanwhile('AlarmNotification')),
        ...recordOf(parked),
      },
    ],
    [
      'suspension-left',
      'what somebody suspended in the second before the deployment began',
      {
        ...withGroup('web-blue', { suspended: ['AlarmNotification'] }, justBefore(1_000)),
        ...pastWith({ startedAt: now - 3_600_000, old: lastWrote([], ['AlarmNotification']) }),
      },
    ],
    [
      'suspension-left',
      'what somebody suspended after the deployment had given it back',
      withGroup('web-blue', { suspended: ['AlarmNotification'] }, since('AlarmNotification')),
    ],
    [
      'suspension-left',
      'what the last deployment found suspended already',
      {
        ...withGroup('web-blue', { suspended: ['AZRebalance'] }, meanwhile('AZRebalance')),
        ...pastWith(
          { old: { ...deployment.old, before: { ...deployment.old.before, suspended: ['AZRebalance'] } } },
          { ...clean.past[0]!, old: lastWrote([], ['AZRebalance']) },
        ),
      },
    ],
    [
      'suspension-left',
      'what keeps the group that went idle under swap from acting on its own policies',
      {
        ...withGroup('web-blue', { suspended: ['AlarmNotification'] }, meanwhile('AlarmNotification')),
        ...pastWith({
          scaling: 'swap',
          new: {
            ...deployment.new,
            before: { ...deployment.new.before, suspended: ['AlarmNotification'] },
          },
        }),
      },
    ],
    ['min-not-restored', 'a min nobody of us wrote', withGroup('web-green', { min: 1 })],
    [
      'min-not-restored',
      'the first deployment of all gives its group its own min back',
      {
        ...withGroup('web-green', { min: 0 }),
        ...pastWith({
          first: true,
          new: { ...lastWrote([2, 0]), name: 'web-green', before: { ...deployment.new.before, min: 0 } },
        }),
      },
    ],
    ['min-not-restored', 'without a history', { ...withGroup('web-green', { min: 3 }), past: [] }],
    [
      'idle-version',
      'a group that was never deployed to',
      withGroup('web-blue', {
        tags: { 'switchover:service': 'web', 'switchover:store': 's3://bucket/prefix' },
      }),
    ],
    [
      'idle-version',
      'while the fleet before is parked',
      { ...withGroup('web-blue', { tags: deployment.old.before.tags }), ...recordOf(parked) },
    ],
    [
      'idle-version',
      'traces of an earlier deployment',
      withGroup('web-blue', { tags: { ...clean.groups[0]!.group.tags, 'switchover:deployment': 'd0' } }),
    ],
    ['other-version', 'an instance that has not reported', { reports: new Map() }],
    [
      'short-grace',
      'a launch hook waits for the agent',
      withGroup('web-green', { hooks: { launching: ['ready'], terminating: [] } }, { graceMs: 0 }),
    ],
    [
      'short-grace',
      'the load balancer is not heeded',
      withGroup('web-green', {}, { graceMs: 0, heedsLoadBalancer: false }),
    ],
    [
      'outside-groups',
      'a finish is about to end it',
      {
        strays: [{ id: 'i-z', state: 'running', launchedAt: 0 }],
        ...recordOf({ stage: 'running', ending: ['i-z'] }),
      },
    ],
    [
      'expired-lease',
      'of an interrupted deployment: resume takes it',
      recordOf({ stage: 'running' }, expired),
    ],
    [
      'interrupted',
      'somebody is at it',
      recordOf({ stage: 'running' }, { owner: 'bob', expiresAt: now + 1 }),
    ],
    ['old-canary', 'canaries of today', recordOf({ stage: 'canary', goal: 'canary' })],
    [
      'doubled-policy',
      'a service whose groups own theirs',
      {
        groups: clean.groups.map((one) => ({ ...one, policies: [policy] })),
        ...pastWith({ scaling: 'swap' }),
      },
    ],
  ])('%s: %s', (code, _, change) => {
    expect(find(code, change)).toBeUndefined()
  })
})

test('the worst comes first', () => {
  const found = diagnose({
    ...clean,
    ...blueInService,
    ...withTraffic({ drainMs: 300_000, intervalMs: 30_000, healthyThreshold: 5 }),
  })
  expect(found.map(({ severity }) => severity)).toEqual(['danger', 'warning', 'note'])
})
