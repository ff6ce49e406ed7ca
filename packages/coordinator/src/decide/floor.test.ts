import { expect, test } from 'vitest'
import { beforeDeploy, ruleTaken, run, whenTaken } from './fixture.ts'
import { draining, healthy, withGroup, withHealth, withInstance, withMachine } from './model-group.ts'
import { advance } from './model-time.ts'
import { rollbackLadder } from './rollback.ts'
import { turnTo } from './start.ts'
import type { World } from './world.ts'

const back = (floor: number, suspended: string[] = []): World => {
  const { world } = run(beforeDeploy({ live: 4, suspended }))
  return {
    ...world,
    deployment: { ...turnTo(world.deployment, 'rollback', world.now), back: { keep: 0, floor } },
  }
}

/** Some of four old instances are healthy, the others on their way. */
function returned(floor: number, serving: number, suspended: string[] = []): World {
  let world = whenTaken(rollbackLadder, 'waitUntilCarried', back(floor, suspended))
  for (let n = 1; n <= serving; n++)
    world = withHealth(
      withInstance(world, 'old', `old-${n}`, { lifecycle: 'InService' }),
      `old-${n}`,
      healthy,
    )
  return world
}

test.each([
  [100, 3, 'waitUntilCarried'],
  [75, 2, 'waitUntilCarried'],
  [75, 3, 'pinOldMin'],
  [51, 2, 'waitUntilCarried'],
  [50, 2, 'pinOldMin'],
  [1, 0, 'waitUntilCarried'],
  [1, 1, 'pinOldMin'],
])('--floor %i%% with %i of 4 healthy: %s', (floor, serving, rule) => {
  expect(ruleTaken(rollbackLadder, returned(floor, serving))).toBe(rule)
})

test('says with numbers that the new fleet leaves early, and only then', () => {
  const early = run(returned(50, 2), (_, step) => step.kind === 'size' && step.group === 'web-green').last
  expect(early.warning).toContain('2 of 4 instances of web-blue are healthy (--floor 50%)')
  const whole = run(returned(50, 4), (_, step) => step.kind === 'size' && step.group === 'web-green').last
  expect(whole.warning).toBeUndefined()
})

test('the rollback ends only with the old group whole again', () => {
  const { world, last } = run(back(25))
  expect(last).toMatchObject({ kind: 'end', outcome: 'rolled-back', kept: [] })
  expect(world.old).toMatchObject({ min: 2, desired: 4, suspended: [] })
  expect(world.old.instances.every(({ lifecycle }) => lifecycle === 'InService')).toBe(true)
})

test('does not wait for what still drains where enough others serve, but brings it back before the end', () => {
  const start = withHealth(
    withInstance(returned(50, 2), 'old', 'old-4', { lifecycle: 'EnteringStandby' }),
    'old-4',
    draining,
  )
  const old = { ...start.old, desired: start.old.desired - 1 }
  const { world, steps } = run({ ...start, old })
  const kinds = steps.map((step) => step.kind)
  expect(kinds.indexOf('size')).toBeLessThan(kinds.indexOf('exit-standby'))
  expect(world.old.instances.map(({ id, lifecycle }) => [id, lifecycle])).toContainEqual([
    'old-4',
    'InService',
  ])
})

test.each([
  ['all processes ran before', []],
  ['the operator had suspended AZRebalance', ['AZRebalance']],
  ['the operator had suspended all that is held', ['AlarmNotification', 'ScheduledActions', 'AZRebalance']],
])(
  'an old instance that dies while it drains is made up for though the new fleet goes: %s',
  (_, suspended) => {
    const start = withInstance(returned(50, 2, suspended), 'old', 'old-4', { lifecycle: 'EnteringStandby' })
    const half = run(
      { ...start, old: { ...start.old, desired: 3 } },
      (_, step) => step.kind === 'mark-switched',
    )
    const dead = advance(withMachine(half.world, 'old-4', 'terminated'))
    const { world } = run(dead)
    expect(world.old.desired).toBe(4)
    expect(world.old.instances.filter(({ lifecycle }) => lifecycle === 'InService')).toHaveLength(4)
  },
)

test('once it was whole again the old group may scale in before the rollback has ended', () => {
  const { world } = run(back(25), (now) => ruleTaken(rollbackLadder, now) === 'waitNewGone')
  const smaller = run(withGroup(world, 'old', { desired: 3 }))
  expect(smaller.last).toMatchObject({ kind: 'end', outcome: 'rolled-back' })
  expect(smaller.world.old.desired).toBe(3)
})
