import { describe, expect, test } from 'vitest'
import type { ScheduledActionDefinition } from '@switchover/contract/scaling'
import {
  CannotBeLike,
  describe as inWords,
  likenessOf,
  longestMs,
  type Seen,
  type TargetGroup,
} from './likeness.ts'

const now = Date.UTC(2026, 0, 1)
const day = 86_400_000

const fast: TargetGroup = {
  name: 'web',
  protocol: 'HTTP',
  intervalS: 10,
  timeoutS: 5,
  healthyThreshold: 2,
  unhealthyThreshold: 3,
  drainS: 30,
}
const slow: TargetGroup = { ...fast, name: 'admin', intervalS: 30, healthyThreshold: 5, drainS: 20 }
const seen: Seen = {
  live: { name: 'web-blue', min: 2, max: 12, desired: 6, graceS: 90 },
  groups: 2,
  hooks: [
    {
      name: 'ready',
      transition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
      heartbeatS: 120,
      defaultResult: 'ABANDON',
    },
  ],
  policies: [{ name: 'cpu', type: 'TargetTrackingScaling', settings: {} }],
  alarms: [],
  actions: [],
  targetGroups: [fast],
  classicLoadBalancers: 0,
}

test('takes over sizes, checks, drain, hooks, policies and actions', () => {
  const like = likenessOf('web', seen, 100, now)
  expect(like).toMatchObject({
    instances: 6,
    min: 2,
    max: 12,
    graceS: 90,
    hooks: seen.hooks,
    policies: seen.policies,
  })
  expect(like.checks).toEqual({
    intervalS: 10,
    timeoutS: 5,
    healthyThreshold: 2,
    unhealthyThreshold: 3,
    drainS: 30,
  })
  expect(like.notes).toEqual([])
  expect(inWords(like)).toBe(
    '6 instances (min 2, max 12), a health check every 10s, drain 30s, 1 hook, 1 policy, no scheduled actions. ' +
      'Checks and drain alone make about 3 min.',
  )
})

describe('what it cannot take over it says', () => {
  test.each<[string, Partial<Seen>, number, object, RegExp]>([
    [
      'fewer instances',
      {},
      4,
      { instances: 4, min: 2, max: 12 },
      /^web-blue has 6 instances; 4 are rehearsed\.$/,
    ],
    ['a min above what is rehearsed', {}, 1, { instances: 1, min: 1 }, /1 are rehearsed/],
    [
      'several target groups',
      { targetGroups: [fast, slow] },
      8,
      { checks: { intervalS: 30, drainS: 30 } },
      /2 target groups/,
    ],
    [
      'a network load balancer',
      { targetGroups: [{ ...fast, protocol: 'TCP' }] },
      8,
      {},
      /network load balancer/,
    ],
    ['a classic load balancer', { classicLoadBalancers: 1 }, 8, {}, /classic/],
    ['a service of one group', { groups: 1 }, 8, {}, / 1 group; a pair/],
  ])('%s', (_, change, most, taken, note) => {
    const like = likenessOf('web', { ...seen, ...change }, most, now)
    expect(like).toMatchObject(taken)
    expect(like.notes).toEqual([expect.stringMatching(note)])
  })
})

test.each<[string, Partial<Seen>, RegExp]>([
  ['nothing runs', { live: { ...seen.live, desired: 0 } }, /No group of web has an instance/],
  ['no target group', { targetGroups: [] }, /web-blue has no target group/],
])('refuses where %s', (_, change, sentence) => {
  const refuse = () => likenessOf('web', { ...seen, ...change }, 8, now)
  expect(refuse).toThrow(CannotBeLike)
  expect(refuse).toThrow(sentence)
})

test('a rehearsal has time for two deployments, a rollback and a finish', () => {
  const { checks, hooks } = likenessOf('web', seen, 8, now)
  const stepMs = (checks.intervalS * checks.healthyThreshold + checks.drainS) * 1_000
  expect(longestMs({ checks, hooks })).toBeGreaterThan(4 * stepMs)
})

const night: ScheduledActionDefinition = {
  name: 'night',
  startsAt: now + 60_000,
  endsAt: null,
  recurrence: '0 22 * * *',
  timeZone: null,
  min: 1,
  max: null,
  desired: null,
}
const once = { ...night, name: 'once', recurrence: null }

/** The hook's hour is for an agent that says nothing: no rehearsal takes it. */
const patient: Seen = { ...seen, hooks: seen.hooks.map((hook) => ({ ...hook, heartbeatS: 3_600 })) }

describe('scheduled actions', () => {
  test.each<[string, Partial<ScheduledActionDefinition>]>([
    ['one that ran, though AWS still lists it', { startsAt: now - 1 }],
    ['one that runs while v1 is brought up', { startsAt: now + 60_000 }],
    [
      'one that ends before the rehearsal',
      { startsAt: null, recurrence: '0 22 * * *', endsAt: now + 60_000 },
    ],
  ])('%s is left out, and named', (_, change) => {
    const like = likenessOf('web', { ...patient, actions: [{ ...once, ...change }] }, 8, now)
    expect(like.actions).toEqual([])
    expect(like.notes).toEqual(['Scheduled actions with no run after the rehearsal are left out: once.'])
  })

  test.each<[string, Partial<ScheduledActionDefinition>, number | null]>([
    ['one that runs once, tomorrow, as it is', { startsAt: now + day, recurrence: null }, now + day],
    [
      'one that runs once, in two hours, as it is',
      { startsAt: now + day / 12, recurrence: null },
      now + day / 12,
    ],
    ['one that recurs without its next run, which may be past by then', {}, null],
    ['one that recurs from tomorrow on as it is', { startsAt: now + day }, now + day],
  ])('%s', (_, change, startsAt) => {
    const like = likenessOf('web', { ...patient, actions: [{ ...night, ...change }] }, 8, now)
    expect(like.actions).toEqual([{ ...night, ...change, startsAt }])
    expect(like.notes).toEqual([])
  })
})
