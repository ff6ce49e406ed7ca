import { attachedToAny } from '../aws/attached.ts'
import { findPair } from '../aws/groups.ts'
import type { Pair } from '../aws/groups.ts'
import type { Report } from '@switchover/contract/report'
import type { Deployment, Lease } from '@switchover/contract/deployment'
import { watchedUntil } from '../decide/bake-time.ts'
import { worseHealth } from '../decide/target-health.ts'
import type { Group, TargetHealth } from '../decide/world.ts'
import { openRecordStore } from '../record/store.ts'
import { readMachines } from '../run/machines.ts'
import type { Ports } from '../run/ports.ts'
import { ReportReader } from '../run/reports.ts'
import { readHealth } from '../run/traffic-sources.ts'
import type { DistributionAccess } from '../registry/distribution.ts'
import { readActivities } from './activities.ts'
import { hasParkedFleet, readRollbackReadiness, type Surroundings } from './rollback.ts'
import type { DeploymentStatus, GroupStatus, InstanceStatus, ServiceStatus } from './model.ts'
import { roleOf } from './role.ts'

/** What one look leaves to the next: reports are fetched again only when they changed. */
export type Known = { reports?: ReportReader; surroundings?: Surroundings }

export type StatusOptions = Readonly<{ service: string; registry: DistributionAccess }>

/**
 * Reads all that `status` shows; changes nothing and needs no lease.
 * @throws {Refusal} exit 2 where the service or its store cannot be found.
 */
export async function readStatus(
  ports: Pick<Ports, 'clients' | 'clock' | 'random'>,
  { service, registry }: StatusOptions,
  known: Known = {},
): Promise<ServiceStatus> {
  const { clients } = ports
  const pair = await findPair(clients, service)
  const records = openRecordStore(ports, pair.store, service)
  const { record } = await records.read()
  const groups = pair.groups.map(({ group }) => group)
  const instances = groups.flatMap((group) => group.instances)
  const parked = instances.filter(({ lifecycle }) => lifecycle.endsWith('Standby')).map(({ id }) => id)
  known.reports ??= new ReportReader(clients, pair.store, service)
  const [health, reports, machines, activities] = await Promise.all([
    readWorstHealth(ports, pair),
    known.reports.read(new Set(instances.map(({ id }) => id)), Number.POSITIVE_INFINITY),
    readMachines(clients, new Set(parked)),
    Promise.all(groups.map(async ({ name }) => readActivities(clients, name))),
  ])
  const deployment = record?.deployment ?? null
  const now = records.clock.now()
  const source = { clients, registry, store: pair.store, service }
  const rollback = hasParkedFleet(deployment, pair)
    ? await readRollbackReadiness(source, pair, deployment, { now, reports, machines }, known)
    : null
  const statusOf = (group: Group, index: number): GroupStatus => ({
    name: group.name,
    role: roleOf(group, groups, deployment),
    version: group.tags['switchover:version'] ?? null,
    min: group.min,
    max: group.max,
    desired: group.desired,
    suspended: group.suspended,
    activities: activities[index] ?? [],
    instances: group.instances.map((instance): InstanceStatus => {
      const report = reports.get(instance.id)
      return {
        id: instance.id,
        lifecycle: instance.lifecycle,
        loadBalancer: health.get(instance.id) ?? null,
        machine: machines.get(instance.id) ?? null,
        report: report ? saidBy(report) : null,
      }
    }),
  })
  return {
    service,
    store: `s3://${pair.store.bucket}/${pair.store.prefix}`,
    groups: groups.map(statusOf),
    deployment: deployment && openDeployment(deployment),
    rollback,
    lease: leaseOf(record?.lease ?? null, now),
  }
}

/** Over everything the groups are attached to: the worst state. */
async function readWorstHealth(
  { clients }: Pick<Ports, 'clients'>,
  pair: Pair,
): Promise<ReadonlyMap<string, string>> {
  const sources = attachedToAny(pair.groups.map(({ raw }) => raw))
  const all = await Promise.all(sources.map(async (source) => readHealth(clients, source)))
  const worst = new Map<string, TargetHealth>()
  for (const [id, health] of all.flatMap((one) => [...one])) {
    const known = worst.get(id)
    worst.set(id, known ? worseHealth(known, health) : health)
  }
  return new Map([...worst].map(([id, health]) => [id, sayHealth(health)]))
}

function sayHealth({ state, reason }: TargetHealth): string {
  return reason === null ? state : `${state} (${reason})`
}

function openDeployment(deployment: Deployment): DeploymentStatus {
  const { id, version, goal, stage, startedAt, failure } = deployment
  const until = stage === 'running' ? watchedUntil(deployment) : null
  return {
    id,
    version,
    goal,
    stage,
    startedAt: new Date(startedAt).toISOString(),
    failure,
    watchedUntil: until === null ? null : new Date(until).toISOString(),
  }
}

function leaseOf(lease: Lease | null, now: number): ServiceStatus['lease'] {
  if (!lease) return null
  return {
    owner: lease.owner,
    expiresAt: new Date(lease.expiresAt).toISOString(),
    expired: lease.expiresAt <= now,
  }
}

function saidBy(report: Report): InstanceStatus['report'] {
  const { phase, since, version, reason, interruption, rebalanceRecommended } = report
  return {
    phase,
    since,
    version,
    reason,
    ...(interruption && { interruption }),
    ...(rebalanceRecommended !== undefined && { rebalanceRecommended }),
  }
}
