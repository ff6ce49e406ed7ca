import type { Deployment } from '@switchover/contract/deployment'
import { phases, type Report } from '@switchover/contract/report'
import type { AwsGroup, Pair } from '../aws/groups.ts'
import { entering, inService, standby } from '../decide/fleet.ts'
import type { MachineState } from '../decide/world.ts'
import { readImagesState, type ImageSource } from './images.ts'
import type { ImagesState } from './judge/images.ts'
import { judgeRollback, type RollbackReadiness } from './judge/rollback-readiness.ts'
import type { TrafficSettings } from './judge/traffic.ts'
import { readTrafficSettings } from './traffic.ts'

/** What changes rarely, kept between the looks of a watch. */
export type Surroundings = Readonly<{
  /** Milliseconds since the epoch, by the store's clock; and of which group. */
  readAt: number
  of: string
  images: ImagesState
  traffic: readonly TrafficSettings[]
}>

const keptMs = 60_000

type Seen = Readonly<{
  now: number
  reports: ReadonlyMap<string, Report>
  machines: ReadonlyMap<string, MachineState>
}>

/** Whether there is a parked fleet that a rollback would bring back. */
export function hasParkedFleet(
  deployment: Deployment | null,
  { groups }: Pick<Pair, 'groups'>,
): deployment is Deployment {
  if (deployment?.goal !== 'deploy') return false
  const old = groups.find(({ group }) => group.name === deployment.old.name)
  return (
    deployment.stage === 'parked' ||
    (old !== undefined && standby(old.group).length + entering(old.group).length > 0)
  )
}

/**
 * Reads what a rollback would find, and judges it.
 * @returns null where the record names groups that are not the service's
 */
export async function readRollbackReadiness(
  source: ImageSource,
  { groups }: Pick<Pair, 'groups'>,
  deployment: Deployment,
  seen: Seen,
  known: { surroundings?: Surroundings },
): Promise<RollbackReadiness | null> {
  const old = groups.find(({ group }) => group.name === deployment.old.name)
  const fresh = groups.find(({ group }) => group.name === deployment.new.name)
  if (!old || !fresh) return null
  if (known.surroundings?.of !== old.group.name || seen.now - known.surroundings.readAt > keptMs)
    known.surroundings = await readSurroundings(source, old, seen.now)
  const { images, traffic } = known.surroundings
  return judgeRollback({
    now: seen.now,
    parkedSince: deployment.marks.switchedAt ?? deployment.startedAt,
    agents: deployment.flags.readiness === 'agent',
    parked: old.group,
    machines: seen.machines,
    reports: seen.reports,
    heardAt: new Map([...seen.reports].map(([id, { writtenAt }]) => [id, Date.parse(writtenAt)])),
    demand: Math.max(deployment.required, inService(fresh.group).length),
    images,
    traffic,
    bootMs: longestBoot(seen.reports),
  })
}

async function readSurroundings(source: ImageSource, old: AwsGroup, now: number): Promise<Surroundings> {
  const [images, traffic] = await Promise.all([
    readImagesState(source, old.group),
    readTrafficSettings(source.clients, [old.raw]),
  ])
  return { readAt: now, of: old.group.name, images, traffic }
}

const bootPhases = phases.slice(0, phases.indexOf('ready'))

/** Over all instances that are through with it; null where none tells. Milliseconds. */
export function longestBoot(reports: ReadonlyMap<string, Report>): number | null {
  const boots = [...reports.values()]
    .filter(({ phase }) => phase === 'ready' || phase === 'parked')
    .map(({ timings }) => bootPhases.reduce((sum, phase) => sum + (timings[phase] ?? 0), 0))
    .filter((boot) => boot > 0)
  return boots.length === 0 ? null : Math.max(...boots)
}
