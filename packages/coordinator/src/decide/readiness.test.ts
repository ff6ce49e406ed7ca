import type { Report } from '@switchover/contract/report'
import { expect, test } from 'vitest'
import { canaryLadder } from './canary.ts'
import { decide } from './decide.ts'
import { deployLadder } from './deploy.ts'
import { beforeDeploy, ruleTaken, whenStep, whenTaken, withReport, type Shape } from './fixture.ts'
import { apply } from './model.ts'
import { withGroup } from './model-group.ts'
import type { World } from './world.ts'

const notice: Partial<Report> = { interruption: { action: 'terminate', at: '2026-01-01T00:02:00Z' } }
const advice: Partial<Report> = { rebalanceRecommended: '2026-01-01T00:00:00Z' }

const at = (rule: string, shape: Shape = {}) => whenTaken(deployLadder, rule, beforeDeploy(shape))
const told = (world: World, news: Partial<Report> = notice) => withReport(world, 'web-green#1', news)
/** The new group has one instance more than the service needs. */
const spare = whenTaken(
  deployLadder,
  'parkOldInstances',
  withGroup(at('waitUntilReady'), 'new', { desired: 4 }),
)
const canary = whenTaken(canaryLadder, 'noteBake', beforeDeploy({ flags: { canary: 1, bakeMs: 600_000 } }))
/** Two batches are parked one after the other. */
const halfWay = () => {
  const world = whenStep('enter-standby', beforeDeploy({ live: 30 }))
  return apply(world, decide(world))
}

test.each<[string, World]>([
  ['before anything is parked', told(at('closeOldGroup'))],
  ['between two batches', told(halfWay())],
  ['as one of the canaries', told(canary)],
])('a new instance that EC2 takes back does not count %s', (_, world) => {
  const step = decide(world)
  expect(step.kind).toBe('wait')
  expect(step.kind === 'wait' ? step.waitingFor : '').toContain(
    'web-green#1: EC2 takes it back (terminate) at 2026-01-01T00:02:00Z',
  )
})

test('one that EC2 takes back is not let into the load balancer together with the others', () => {
  const shape: Shape = { flags: { release: 'together' }, hooks: { launching: ['boot'], terminating: [] } }
  const world = at('releaseTogether', shape)
  expect(decide(world).kind).toBe('complete-hook')
  expect(decide(told(world)).kind).toBe('wait')
})

test.each<[string, string, World, Partial<Report>]>([
  ['where enough others are ready', 'parkOldInstances', spare, notice],
  ['once the old fleet is parked', 'waitOutDrain', at('waitOutDrain'), notice],
  [
    'where nobody asks the agents',
    'parkOldInstances',
    at('parkOldInstances', { flags: { readiness: 'load-balancer' } }),
    notice,
  ],
  ['where EC2 only recommends to replace one', 'parkOldInstances', at('parkOldInstances'), advice],
])('the deployment goes on %s', (_, rule, world, news) => {
  expect(ruleTaken(deployLadder, told(world, news))).toBe(rule)
})
