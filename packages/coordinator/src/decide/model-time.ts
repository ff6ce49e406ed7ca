import type { Report } from '@switchover/contract/report'
import { readGroupTags } from '@switchover/contract/tags'
import type { Side } from './fleet.ts'
import { healthy, initial, reconcile, withGroup, withHealths, withMachines } from './model-group.ts'
import { runSchedules } from './model-scaling.ts'
import type { Instance, MachineState, TargetHealth, World } from './world.ts'

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

/** What time makes of one instance. Null: it leaves its group, it is not registered any more. */
type Change = Readonly<{
  lifecycle?: string | null
  health?: TargetHealth | null
  machine?: MachineState
  report?: Report | null
}>

const joins: Change = { lifecycle: 'InService', health: initial }

/** One stage further for one instance, as it goes when nothing goes wrong. */
function changeOf(world: World, side: Side, { id, lifecycle }: Instance): Change {
  const held = world[side].hooks.launching.length > 0
  const together = world[side].tags['switchover:release'] === 'together'
  switch (lifecycle) {
    case 'Pending':
      if (world.reports.has(id) && world.machines.get(id) === 'running') return joins
      return {
        lifecycle: held ? 'Pending:Wait' : 'Pending:Proceed',
        machine: 'running',
        // The agent comes up: it reads its group's tags once and keeps to them for life.
        report: world.reports.has(id) ? null : readyReport(world, side, id),
      }
    case 'Pending:Wait':
      return together ? {} : { lifecycle: 'Pending:Proceed' }
    case 'Pending:Proceed':
      return joins
    case 'InService':
      return { health: healthy }
    case 'EnteringStandby':
      return { lifecycle: 'Standby', health: null }
    case 'Terminating':
    case 'Terminating:Wait':
      return { lifecycle: null, health: null, machine: 'terminated' }
    default:
      return {}
  }
}

/** All at once: a copy for each instance would be one of the whole fleet each time. */
function withChanges(world: World, side: Side, changes: ReadonlyMap<string, Change>): World {
  const machines = new Map(world.machines)
  const reports = new Map(world.reports)
  const healths = new Map<string, TargetHealth | null>()
  for (const [id, { health, machine, report }] of changes) {
    if (health !== undefined) healths.set(id, health)
    if (machine !== undefined) machines.set(id, machine)
    if (report) reports.set(id, report)
  }
  const instances = world[side].instances.flatMap((one): Instance[] => {
    const lifecycle = changes.get(one.id)?.lifecycle
    if (lifecycle === null) return []
    return [lifecycle === undefined ? one : { ...one, lifecycle }]
  })
  return { ...withGroup(withHealths(world, healths), side, { instances }), machines, reports }
}

/**
 * Time passes: whatever is under way gets one stage further.
 * @param ms milliseconds that pass
 * @param moves which instances move; all by default
 */
export function advance(world: World, ms = 1_000, moves: (id: string) => boolean = () => true): World {
  let next: World = { ...world, now: world.now + ms }
  for (const side of ['old', 'new'] as const) {
    const moving = next[side].instances.filter(({ id }) => moves(id))
    const changes = moving.map((one) => [one.id, changeOf(next, side, one)] as const)
    next = reconcile(runSchedules(withChanges(next, side, new Map(changes)), side), side)
  }
  const ended = [...next.machines].filter(([id, state]) => state === 'shutting-down' && moves(id))
  const ids = ended.map(([id]) => id)
  return withMachines(next, ids, 'terminated')
}
