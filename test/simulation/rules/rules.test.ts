import { describe, expect, test } from 'vitest'
import type { DeploymentRecord } from '@switchover/contract/deployment'
import { generatePlan } from '../generate.ts'
import { Interference } from '../interference.ts'
import type { Plan } from '../plan.ts'
import { createScene } from '../scene.ts'
import { serviceIn, Truth, type GroupTruth, type InstanceTruth } from '../truth.ts'
import { capacityRule } from './capacity.ts'
import { endStateRule } from './end-state.ts'
import { leaseRule } from './lease.ts'
import { leftoverRule } from './leftovers.ts'
import type { Rest } from './rule.ts'
import { stepRule } from './steps.ts'

const drawn = generatePlan(1)
const plan: Plan = {
  ...drawn,
  story: [],
  heirs: [],
  others: [],
  hands: [],
  events: [],
  faults: [],
  service: {
    ...drawn.service,
    first: false,
    bundle: false,
    live: 2,
    min: 1,
    max: 4,
    sources: ['alb'],
    v2: 'good',
    scaling: 'move',
  },
}
const scene = await createScene(plan)
const before = new Truth(scene).instances()
const [one] = [...before.values()] as [InstanceTruth]

const subject = () => ({ plan, scene, interference: new Interference() })
const withThese = (...changed: InstanceTruth[]) =>
  new Map([...before, ...changed.map((instance) => [instance.id, instance] as const)])
const parked: InstanceTruth = { ...one, lifecycle: 'EnteringStandby', healthy: false }
const moment = (now: ReadonlyMap<string, InstanceTruth>) => ({ at: scene.time.now(), before, now })

const look = (now: InstanceTruth, about = subject(), floor = 100) =>
  capacityRule(about, () => ({ floor, established: true })).look?.(moment(withThese(now)))

describe('capacity', () => {
  test('that is whole is no breach', () => {
    expect(look(one)).toBeNull()
  })
  test('that a coordinator took is one', () => {
    expect(look(parked)).toBe('1 instances serve, 2 are required, and the world took 0.')
  })
  test('that falls no lower than the floor of a rollback is none', () => {
    expect(look(parked, subject(), 50)).toBeNull()
  })
  test('that the world or another hand took is none', () => {
    const about = subject()
    about.interference.harm(one.id, 0)
    expect(look(parked, about)).toBeNull()
    expect(look({ ...one, healthy: false })).toBeNull()
  })
  test('of an image nobody deployed does not count', () => {
    expect(look({ ...one, digest: scene.digests.v9 })).toContain('1 instances serve')
  })
})

const rest = (left: InstanceTruth, ended: Rest['ended'] = 'finished', about = subject()) =>
  leftoverRule(about).rest?.({ ...atRest(), ended, instances: withThese(left) })

describe('leftovers', () => {
  test('are instances that run in no group', () => {
    expect(rest({ ...one, group: null, lifecycle: null })).toContain('runs outside any group')
  })
  test('are not what somebody detached', () => {
    const about = subject()
    about.interference.detached.add(one.id)
    expect(rest({ ...one, group: null, lifecycle: null }, 'finished', about)).toBeNull()
  })
  test('are terminated instances in Standby', () => {
    expect(rest({ ...one, lifecycle: 'Standby', ec2: 'terminated' })).toContain('Standby and terminated')
    expect(rest({ ...one, lifecycle: 'Standby', ec2: 'terminated' }, null)).toContain('Standby')
    expect(rest({ ...one, lifecycle: 'Standby', ec2: 'running' }, null)).toBeNull()
  })
})

function atRest(): Rest {
  const record = { schema: 1, service: 'web', lease: null, deployment: null } satisfies DeploymentRecord
  const service = serviceIn(scene)
  return { before: service, now: service, record, ended: 'rolled-back', first: false, instances: before }
}

/** Of an idle group: its own, with the version of what serves. */
function idleTags(): GroupTruth['tags'] {
  const versions = { 'switchover:version': 'v1', 'switchover:digest': scene.digests.v1 }
  return { ...serviceIn(scene).groups['web-green'].tags, ...versions }
}

const parts = () => ({ old: 'web-blue', fresh: 'web-green' }) as const

const judge = (
  blue: Partial<GroupTruth>,
  green: Partial<GroupTruth> = {},
  about = subject(),
  change = (alarms: readonly string[]) => alarms,
) => {
  const rest = atRest()
  const { groups } = rest.now
  const idle = { ...groups['web-green'], tags: idleTags(), ...green }
  const now = {
    groups: { 'web-blue': { ...groups['web-blue'], ...blue }, 'web-green': idle },
    alarms: change(rest.now.alarms),
  }
  return endStateRule(about, parts).rest?.({ ...rest, now })
}

const { policies, schedules } = atRest().now.groups['web-blue']
const out = policies.find((text) => text.includes('"out"')) ?? ''
const soon = (schedules[0] ?? '').replace('"night"', '"soon"').replace('"launch"', '"soon"')
const smaller: Partial<GroupTruth> = { desired: 1, instances: ['InService'] }
const grown: Partial<GroupTruth> = { desired: 1, instances: ['InService'] }
const halfParked: Partial<GroupTruth> = { instances: ['InService', 'Standby'] }
const retagged = { ...idleTags(), 'switchover:version': 'v9' }

describe('end states', () => {
  test('as each command is to leave them are no breach', () => {
    expect(judge({})).toBeNull()
  })
  test.each<[string, Partial<GroupTruth>, Partial<GroupTruth>]>([
    ['a min that is not given back', { min: 2 }, {}],
    ['a max that is not given back', { max: 9 }, {}],
    ['a smaller desired capacity', { desired: 1 }, {}],
    ['a suspension left behind', { suspended: ['AZRebalance'] }, {}],
    ['a tag left behind', {}, { tags: {} }],
    ['a policy that is lost', { policies: [] }, {}],
    ['a schedule that is doubled', {}, { schedules: ['{}'] }],
    ['an instance in the idle group', {}, { instances: ['Standby'] }],
    ['an instance that does not serve', { instances: ['InService', 'Standby'] }, {}],
  ])('with %s are one', (_, blue, green) => {
    expect(judge(blue, green)).toEqual(expect.any(String))
  })
  test.each<[string, (hands: Interference) => void, Partial<GroupTruth>, Partial<GroupTruth>]>([
    [
      'sizes that another hand set',
      (hands) => {
        hands.mins.add(2)
        hands.maxes.add(9)
      },
      { min: 2, max: 9 },
      {},
    ],
    ['what serves, after a change of either size', (hands) => hands.touch('web-green', 'sizes'), smaller, {}],
    ['an idle group that a hand has scaled', (hands) => hands.touch('web-green', 'sizes'), {}, grown],
    ['an instance that a hand has parked', (hands) => hands.touch('web-blue', 'instances'), halfParked, {}],
    ['a policy that a hand has deleted', (hands) => hands.policies.add('cpu'), { policies: [out] }, {}],
    ['what a hand has scheduled', (hands) => hands.schedule('soon', 0), {}, { schedules: [soon] }],
    ['the version of a hand', (hands) => hands.tags.add('switchover:version'), {}, { tags: retagged }],
  ])('with %s are none', (_, act, blue, green) => {
    const about = subject()
    act(about.interference)
    expect(judge(blue, green, about)).toBeNull()
    expect(judge(blue, green)).toEqual(expect.any(String))
  })
  test.each<[string, (hands: Interference) => void, Partial<GroupTruth>, Partial<GroupTruth>]>([
    [
      'an idle group that only the other was scaled beside',
      (hands) => hands.touch('web-blue', 'sizes'),
      {},
      grown,
    ],
    ['an instance left parked by no hand', (hands) => hands.touch('web-blue', 'sizes'), halfParked, {}],
    [
      'an instance left parked where a hand had others launched',
      (hands) => hands.touch('web-green', 'sizes'),
      {},
      { desired: 1, instances: ['InService', 'Standby'] },
    ],
    ['a policy lost that no hand deleted', (hands) => hands.policies.add('cpu'), { policies: [] }, {}],
    ['a schedule lost that no hand set', (hands) => hands.schedule('soon', 0), { schedules: [] }, {}],
    ['a tag lost that no hand set', (hands) => hands.tags.add('switchover:version'), {}, { tags: {} }],
  ])('with %s are one', (_, act, blue, green) => {
    const about = subject()
    act(about.interference)
    expect(judge(blue, green, about)).toEqual(expect.any(String))
  })
  test.each<[string, (alarms: readonly string[]) => string[]]>([
    ['lost', (alarms) => alarms.slice(1)],
    ['doubled', (alarms) => [...alarms, ...alarms.slice(1)]],
    ['changed', (alarms) => alarms.map((text) => text.replace('CPUUtilization', 'Requests'))],
  ])('with an alarm that is %s are one', (_, change) => {
    expect(judge({}, {}, subject(), change)).toContain('Alarms are')
  })
  test('with a max that was raised for what a hand has ended since are none, and one raised by nobody is', () => {
    const about = subject()
    about.interference.touch('web-blue', 'sizes')
    const rule = endStateRule(about, parts)
    const { groups, alarms } = atRest().now
    const blue = { ...groups['web-blue'], max: 6 }
    const green = { ...groups['web-green'], tags: idleTags() }
    const rest = { ...atRest(), now: { groups: { 'web-blue': blue, 'web-green': green }, alarms } }
    expect(rule.rest?.(rest)).toContain('web-blue has max 6')
    const call = { service: 'autoscaling', operation: 'UpdateAutoScalingGroup' }
    const body = 'AutoScalingGroupName=web-blue&MinSize=6&MaxSize=6&DesiredCapacity=6'
    expect(rule.sent?.({ owner: 'a', call, body })).toBeNull()
    expect(rule.rest?.(rest)).toBeNull()
  })
  test('with a lease are one', () => {
    const lease = { owner: 'a', expiresAt: 1 }
    const rest = { ...atRest(), record: { ...atRest().record, lease } }
    expect(endStateRule(subject(), parts).rest?.(rest)).toBe('The lease of a is left behind.')
  })
})

describe('calls', () => {
  const call = { service: 'autoscaling', operation: 'EnterStandby' }

  test('without the lease are a breach', () => {
    expect(leaseRule(subject()).sent?.({ owner: 'a', call, body: '' })).toContain('nobody holds the lease')
  })
  test('made twice are one where nothing disturbs', () => {
    const rule = stepRule(subject())
    expect(rule.sent?.({ owner: 'a', call, body: 'x' })).toBeNull()
    expect(rule.sent?.({ owner: 'a', call, body: 'y' })).toBeNull()
    expect(rule.sent?.({ owner: 'a', call, body: 'x' })).toContain('a second time')
  })
  test('without end are one', () => {
    const rule = stepRule({
      ...subject(),
      plan: { ...plan, faults: [{ call: 1, times: 1, kind: 'error', ms: 0 }] },
    })
    const said = Array.from({ length: 401 }, () => rule.sent?.({ owner: 'a', call, body: 'x' }))
    expect(said.slice(0, 400).every((text) => text === null)).toBe(true)
    expect(said[400]).toContain('401 changing calls')
  })
})
