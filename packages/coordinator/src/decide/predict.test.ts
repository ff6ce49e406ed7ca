import { expect, test } from 'vitest'
import { beforeDeploy, run } from './fixture.ts'
import { foretell } from './predict.ts'
import { turnTo } from './start.ts'
import type { World } from './world.ts'

const kinds = (world: World) => foretell(world).map(({ step }) => step.kind)

test('predicts a deploy in the order of the switch, a wait once', () => {
  expect(kinds(beforeDeploy({ slowStart: 30_000 }))).toEqual([
    'tag',
    'size',
    'size',
    'wait',
    'mark-covered',
    'wait',
    'suspend',
    'size',
    'enter-standby',
    'mark-switched',
    'wait',
    'size',
    'settle',
  ])
})

test('predicts rollback and finish from what is parked', () => {
  const { world } = run(beforeDeploy())
  const turned = (goal: 'rollback' | 'finish') => ({
    ...world,
    deployment: turnTo(world.deployment, goal, world.now),
  })
  expect(kinds(turned('rollback'))).toEqual([
    'size',
    'exit-standby',
    'wait',
    'size',
    'resume',
    'size',
    'deregister',
    'mark-switched',
    'size',
    'resume',
    'tag',
    'wait',
    'end',
  ])
  expect(kinds(turned('finish'))).toEqual(['tag', 'detach', 'terminate', 'wait', 'resume', 'end'])
})

test('changes nothing, and says why each step is done', () => {
  const world = beforeDeploy()
  const before = structuredClone(world)
  const texts = foretell(world).map(({ step }) => step.why)
  expect(world).toEqual(before)
  expect(texts).toContain('All new traffic goes to web-green.')
})
