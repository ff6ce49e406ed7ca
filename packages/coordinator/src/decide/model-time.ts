import type { Report } from '@switchover/contract/report'
import { readGroupTags } from '@switchover/contract/tags'
import type { Side } from './fleet.ts'
import {
  healthy,
  initial,
  reconcile,
  withHealth,
  withInstance,
  withMachine,
  withoutInstance,
} from './model-group.ts'
import { runSchedules } from './model-scaling.ts'
import type { Instance, World } from './world.ts'

/** The report of an agent that is ready with what its group's tags say. */
function readyReport(world: World, side: Side, id: string): Report | null {
  const read = readGroupTags(world[side].tags)
  if (!read.ok) return null
  const { tags } = read
  const images = Object.entries(tags.digests).map(([key, digest]) => {
    const service = key === '' ? 'app' : key
    return { service, repository: service, digest, imageId: digest }
  })
  return {
    instanceId: id,
    group: world[side].name,
    service: tags.service,
    deployment: tags.deployment,
    phase: 'ready',
    since: '1970-01-01T00:00:00Z',
    writtenAt: '1970-01-01T00:00:00Z',
    version: tags.version,
    bundle: tags.bundle,
    images,
    reason: null,
    logs: [],
    timings: {},
    agent: 'model',
  }
}

/** The agent comes up: it reads its group's tags once and keeps to them for life. */
function boots(world: World, side: Side, id: string): World {
  const running = withMachine(world, id, 'running')
  const report = readyReport(world, side, id)
  if (world.reports.has(id) || report === null) return running
  return { ...running, reports: new Map(running.reports).set(id, report) }
}

/** One stage further for one instance, as it goes when nothing goes wrong. */
function advanceInstance(world: World, side: Side, { id, lifecycle }: Instance): World {
  const held = world[side].hooks.launching.length > 0
  const together = world[side].tags['switchover:release'] === 'together'
  switch (lifecycle) {
    case 'Pending':
      return world.reports.has(id) && world.machines.get(id) === 'running'
        ? withHealth(withInstance(world, side, id, { lifecycle: 'InService' }), id, initial)
        : withInstance(boots(world, side, id), side, id, {
            lifecycle: held ? 'Pending:Wait' : 'Pending:Proceed',
          })
    case 'Pending:Wait':
      return together ? world : withInstance(world, side, id, { lifecycle: 'Pending:Proceed' })
    case 'Pending:Proceed':
      return withHealth(withInstance(world, side, id, { lifecycle: 'InService' }), id, initial)
    case 'InService':
      return withHealth(world, id, healthy)
    case 'EnteringStandby':
      return withHealth(withInstance(world, side, id, { lifecycle: 'Standby' }), id, null)
    case 'Terminating':
    case 'Terminating:Wait':
      return withHealth(withMachine(withoutInstance(world, side, id), id, 'terminated'), id, null)
    default:
      return world
  }
}

/**
 * Time passes: whatever is under way gets one stage further.
 * @param ms milliseconds that pass
 * @param moves which instances move; all by default
 */
export function advance(world: World, ms = 1_000, moves: (id: string) => boolean = () => true): World {
  let next: World = { ...world, now: world.now + ms }
  for (const side of ['old', 'new'] as const) {
    for (const instance of world[side].instances) {
      if (moves(instance.id)) next = advanceInstance(next, side, instance)
    }
    next = reconcile(runSchedules(next, side), side)
  }
  for (const [id, state] of next.machines) {
    if (state === 'shutting-down' && moves(id)) next = withMachine(next, id, 'terminated')
  }
  return next
}
