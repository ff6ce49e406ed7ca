import { describe, expect, test } from 'vitest'
import { canaryLadder } from './canary.ts'
import { decide } from './decide.ts'
import {
  alarmsOf,
  beforeDeploy,
  digests,
  instance,
  ruleTaken,
  run,
  whenTaken,
  withReport,
} from './fixture.ts'
import type { Shape } from './fixture.ts'
import { inService } from './fleet.ts'
import { apply } from './model.ts'
import { withGroup, withHealth, withInstance, withMachine } from './model-group.ts'
import { foretell } from './predict.ts'
import { originals, promoted, turnTo } from './start.ts'
import type { World } from './world.ts'
import { type Row, testRows } from './rows.fixture.ts'

const bakeMs = 600_000
const held: Shape = { live: 4, flags: { canary: 2 } }
const baking: Shape = { live: 4, flags: { canary: 2, bakeMs } }
const at = (rule: string, shape: Shape = held) => whenTaken(canaryLadder, rule, beforeDeploy(shape))
const canaries = ['web-green#1', 'web-green#2']
const ill = { state: 'unhealthy', reason: 'Target.Timeout' }
const reason = {
  code: 'image-not-found',
  sentence: 'web:v2 is not in the registry.',
  kind: 'terminal',
} as const
const short = () => withHealth(at('waitOutBake', baking), 'web-green#1', ill)

const rows: Row[] = [
  [
    'failFast',
    withReport(at('waitForCanary'), 'web-green#1', { phase: 'failed', reason }),
    { kind: 'turn-back', failure: { ...reason, sentence: `web-green#1 in web-green: ${reason.sentence}` } },
  ],
  [
    'tagNewGroup',
    beforeDeploy(held),
    {
      kind: 'tag',
      group: 'web-green',
      set: {
        'switchover:version': 'v2',
        'switchover:digest': digests.v2,
        'switchover:bundle': 'bbbbbbbbbbbb',
        'switchover:release': 'each',
        'switchover:deployment': 'd1',
      },
      remove: ['switchover:digest:sidecar'],
    },
  ],
  ['sizeCanary', at('sizeCanary'), { kind: 'size', group: 'web-green', min: 2, desired: 2 }],
  ['noteShortfall', short(), { kind: 'mark-short', short: true }],
  ['waitForCanary', at('waitForCanary'), { kind: 'wait', instances: canaries }],
  ['noteBake', at('noteBake', baking), { kind: 'mark-bake' }],
  [
    'waitOutBake',
    at('waitOutBake', baking),
    { kind: 'wait', instances: canaries, until: at('noteBake', baking).now + bakeMs },
  ],
  [
    'waitForAlarms',
    {
      ...at('settle', { live: 4, flags: { canary: 2, alarms: ['web-5xx'] }, alarms: { 'web-5xx': 'OK' } }),
      alarms: new Map(),
    },
    { kind: 'wait', instances: [] },
  ],
  [
    'promoteBaked',
    at('promoteBaked', baking),
    { kind: 'promote', live: originals(beforeDeploy(baking).old) },
  ],
  ['settle', at('settle'), { kind: 'settle', stage: 'canary' }],
]

testRows(canaryLadder, rows)

describe('a canary without a bake', () => {
  test('is left beside a live group that nothing was changed of', () => {
    const start = beforeDeploy(held)
    const { world, last } = run(start)
    expect(last).toMatchObject({ kind: 'settle', stage: 'canary' })
    expect(world.old).toEqual(start.old)
    expect(world.deployment.old.written).toEqual({
      min: [],
      max: [],
      desired: [],
      suspended: [],
      resumed: [],
    })
    expect(world.new).toMatchObject({ min: 2, max: 6, desired: 2, suspended: [] })
    expect(world.deployment).toMatchObject({ goal: 'canary', stage: 'canary', promotedAt: null })
  })

  test('raises a max that is too low to that of live, and leaves one that is not', () => {
    expect(run(beforeDeploy({ ...held, idleMax: 1 })).world.new.max).toBe(6)
    expect(run(beforeDeploy({ ...held, idleMax: 3 })).world.new.max).toBe(3)
  })

  test('leaves canaries that another hand added', () => {
    const more = withGroup(at('settle'), 'new', { desired: 3 })
    expect(decide(more)).toMatchObject({ kind: 'settle', stage: 'canary' })
  })

  test('lets its agents complete their launch hooks, whatever the release is going to be', () => {
    const hooks = { launching: ['boot'], terminating: [] }
    const { world, last } = run(beforeDeploy({ live: 4, hooks, flags: { canary: 1, release: 'together' } }))
    expect(last).toMatchObject({ kind: 'settle', stage: 'canary' })
    const { steps, last: end } = run(promote(world))
    expect(end).toMatchObject({ kind: 'settle', stage: 'parked' })
    expect(steps.find((step) => step.kind === 'tag')).toMatchObject({
      set: { 'switchover:release': 'together' },
    })
    expect(steps.filter((step) => step.kind === 'complete-hook')).toHaveLength(3)
  })
})

function promote(world: World): World {
  return { ...world, deployment: promoted(world.deployment, originals(world.old), world.now) }
}

describe('a promotion', () => {
  test('needs what the plan says, though live has shrunk meanwhile', () => {
    const { world } = run(beforeDeploy(held))
    const shrunk = withGroup(world, 'old', { desired: 2, instances: world.old.instances.slice(0, 2) })
    const { world: after, last } = run(promote(shrunk))
    expect(last).toMatchObject({ kind: 'settle', stage: 'parked' })
    expect(after.new.instances).toHaveLength(4)
  })

  test('needs as many as live has in service now, and forgets a peak in between', () => {
    const { world } = run(beforeDeploy(held))
    const instances = [...world.old.instances, instance('old-5')]
    const { world: after } = run(promote(withGroup(world, 'old', { desired: 5, instances })))
    expect(after.deployment.required).toBe(5)
    expect(after.new).toMatchObject({ desired: 5 })
  })

  test('puts back on rollback what live was like when it was promoted, not when the canary began', () => {
    const { world } = run(beforeDeploy({ ...held, suspended: [] }))
    const tuned = withGroup(world, 'old', { min: 3, max: 9, suspended: ['AZRebalance'] })
    const { world: parked } = run(promote(tuned))
    expect(parked.new).toMatchObject({ min: 3, max: 9 })
    const back = { ...parked, deployment: turnTo(parked.deployment, 'rollback', parked.now) }
    expect(run(back).world.old).toMatchObject({ min: 3, max: 9, suspended: ['AZRebalance'] })
  })

  test('comes by itself after the bake, and the whole is not baked again', () => {
    const { world, steps, last } = run(beforeDeploy(baking))
    expect(steps.filter((step) => step.kind === 'mark-bake')).toHaveLength(1)
    expect(last).toMatchObject({ kind: 'settle', stage: 'parked' })
    expect(world.deployment.promotedAt).toBeGreaterThanOrEqual(1_000_000 + bakeMs)
  })

  test('of a bake that was interrupted waits for what is left of it', () => {
    const world = at('waitOutBake', baking)
    const night = { ...world, now: world.now + 400_000 }
    const resumed = { ...night, deployment: turnTo(night.deployment, 'canary', night.now) }
    expect(decide(resumed)).toMatchObject({ kind: 'wait', until: at('noteBake', baking).now + bakeMs })
  })
})

const back = (world: World): World => ({
  ...world,
  deployment: turnTo(world.deployment, 'rollback', world.now),
})

describe('the rollback of a canary', () => {
  test('ends the new group and leaves live as its own hands have made it', () => {
    const { world } = run(beforeDeploy(held))
    const tuned = withGroup(world, 'old', { min: 3, max: 9 })
    const { world: after, steps, last } = run(back(tuned))
    expect(last).toMatchObject({ kind: 'end', outcome: 'rolled-back', kept: [] })
    expect(after.old).toEqual(tuned.old)
    expect(steps.filter((step) => 'group' in step && step.group === 'web-blue')).toEqual([])
    expect(after.new).toMatchObject({ min: 0, max: 6, desired: 0, instances: [] })
    expect(after.new.tags).toMatchObject({ 'switchover:version': 'v1' })
  })

  test('does not wait for launches of live, which never leaned on it', () => {
    const { world } = run(beforeDeploy(held))
    const growing = withGroup(world, 'old', {
      desired: 5,
      instances: [...world.old.instances, instance('old-5', 'Pending')],
    })
    expect(decide(back(growing))).toMatchObject({ kind: 'size', group: 'web-green', desired: 0 })
  })

  test('waits while the canary is all that serves', () => {
    let { world } = run(beforeDeploy(held))
    for (const { id } of inService(world.old)) world = withHealth(world, id, ill)
    expect(decide(back(world))).toMatchObject({ kind: 'wait' })
  })
})

describe('a canary fails', () => {
  test('when one of the alarms rings, and the sentence names it with its reason', () => {
    const shape = {
      live: 4,
      flags: { canary: 1, bakeMs, alarms: ['cpu', 'web-5xx'] },
      alarms: { cpu: 'OK', 'web-5xx': 'INSUFFICIENT_DATA' },
    }
    const world = at('waitOutBake', shape)
    const { steps, last } = run({ ...world, alarms: alarmsOf({ cpu: 'OK', 'web-5xx': 'ALARM' }) })
    expect(steps[0]).toMatchObject({
      kind: 'turn-back',
      failure: {
        code: 'alarm',
        sentence: 'The alarm web-5xx rings: Threshold Crossed: web-5xx is ALARM.',
      },
    })
    expect(last).toMatchObject({ kind: 'end', outcome: 'failed' })
  })

  test('when more than one of a few was replaced, though enough are healthy', () => {
    const world = at('waitOutBake', baking)
    const gone = (n: number) => ({ at: world.now, instance: `gone-${n}`, cause: 'a health check failure.' })
    expect(decide({ ...world, replacements: [gone(1)] })).toMatchObject({ kind: 'wait' })
    expect(decide({ ...world, replacements: [gone(1), gone(2)] })).toMatchObject({
      kind: 'turn-back',
      failure: { code: 'replacements' },
    })
  })

  test('when one stays unhealthy for the time limit, which begins with its illness', () => {
    const world = { ...short(), now: short().now + 300_000 }
    const ailing = apply(world, decide(world))
    expect(ailing.deployment.marks.shortAt).toBe(world.now)
    const limit = world.now + ailing.deployment.flags.timeoutMs
    expect(decide({ ...ailing, now: limit - 1 })).toMatchObject({ kind: 'wait', instances: ['web-green#1'] })
    expect(decide({ ...ailing, now: limit })).toMatchObject({
      kind: 'turn-back',
      failure: { code: 'timeout', sentence: expect.stringContaining('while it was watched') },
    })
    const healed = withHealth(ailing, 'web-green#1', { state: 'healthy', reason: null })
    expect(decide(healed)).toMatchObject({ kind: 'mark-short', short: false })
  })

  test('and waits for a person under --on-failure hold, with the canaries as they are', () => {
    const shape: Shape = {
      live: 4,
      flags: { canary: 1, onFailure: 'hold', alarms: ['a'] },
      alarms: { a: 'OK' },
    }
    const world = { ...at('settle', shape), alarms: alarmsOf({ a: 'ALARM' }) }
    const { world: after, last } = run(world)
    expect(last).toMatchObject({ kind: 'settle', stage: 'held', failure: { code: 'alarm' } })
    expect(after.deployment.failure).toMatchObject({ code: 'alarm' })
    expect(after.new).toEqual(world.new)
  })
})

test('a canary counts only with the expected digest, healthy everywhere', () => {
  const images = [{ service: 'app', repository: 'app', digest: digests.v1, imageId: digests.v1 }]
  expect(ruleTaken(canaryLadder, withReport(at('settle'), 'web-green#1', { images }))).toBe('waitForCanary')
  expect(ruleTaken(canaryLadder, withInstance(at('settle'), 'new', 'web-green#1', { healthy: false }))).toBe(
    'waitForCanary',
  )
})

test('a dead machine of live says nothing of a canary', () => {
  expect(decide(withMachine(at('settle'), 'old-1', 'terminated'))).toMatchObject({
    kind: 'settle',
    stage: 'canary',
  })
})

const kinds = (shape: Shape) => foretell(beforeDeploy(shape)).map(({ step }) => step.kind)

test('a plan ends with the canary, or goes through its bake to the parked fleet', () => {
  expect(kinds(held)).toEqual(['tag', 'size', 'wait', 'settle'])
  expect(kinds(baking).slice(0, 7)).toEqual(['tag', 'size', 'wait', 'mark-bake', 'wait', 'promote', 'size'])
  expect(kinds(baking).at(-1)).toBe('settle')
})

test('what a person has put into Standby beside a canary stays there when it is turned back, dead or alive', () => {
  const aside = withHealth(
    withInstance(withGroup(at('settle'), 'old', { desired: 2 }), 'old', 'old-4', { lifecycle: 'Standby' }),
    'old-4',
    null,
  )
  const looked = withInstance(aside, 'old', 'old-3', { lifecycle: 'EnteringStandby' })
  for (const world of [looked, withMachine(looked, 'old-4', 'terminated')]) {
    const turned = { ...world, deployment: turnTo(world.deployment, 'rollback', world.now) }
    const { world: after, steps, last } = run(turned)
    expect(last).toMatchObject({ kind: 'end', outcome: 'rolled-back' })
    expect(steps.filter((step) => 'group' in step && step.group === 'web-blue')).toEqual([])
    expect(after.old.instances).toHaveLength(4)
  }
})
