import { expect, test } from 'vitest'
import { decide } from './decide.ts'
import type { Goal } from '@switchover/contract/deployment'
import { deployLadder } from './deploy.ts'
import { beforeDeploy, run, whenTaken } from './fixture.ts'
import type { Ladder } from './ladder.ts'
import { rollbackLadder } from './rollback.ts'
import { turnTo } from './start.ts'
import type { World } from './world.ts'

const overnight = 12 * 3_600_000
const turned = (world: World, goal: Goal): World => ({
  ...world,
  deployment: turnTo(world.deployment, goal, world.now),
})
const later = (world: World): World => ({ ...world, now: world.now + overnight })

const rows: [what: string, world: World, ladder: Ladder, rule: string][] = [
  ['a deploy that waits for its instances', beforeDeploy(), deployLadder, 'waitUntilReady'],
  ['a deploy that drains', beforeDeploy(), deployLadder, 'waitOutDrain'],
  ['a rollback that waits for its fleet', rolledBack(), rollbackLadder, 'waitUntilCarried'],
  ['a rollback that has switched', rolledBack(), rollbackLadder, 'waitNewGone'],
]

function rolledBack(): World {
  return turned(run(beforeDeploy()).world, 'rollback')
}

test.each(rows)('%s and is gone on with next morning has all its time again', (_, start, ladder, rule) => {
  const world = later(whenTaken(ladder, rule, start))
  expect(['settle', 'turn-back']).toContain(decide(world).kind)
  const resumed = turned(world, world.deployment.goal)
  expect(decide(resumed).kind).toBe('wait')
  expect(['settle', 'turn-back']).toContain(decide(later(resumed)).kind)
})

test('a deploy whose instances got ready while nobody was at work goes on, and does not turn back', () => {
  const ready = later(whenTaken(deployLadder, 'closeOldGroup', beforeDeploy()))
  expect(decide(turned(ready, 'deploy'))).toMatchObject({ kind: 'suspend', group: 'web-blue' })
})
