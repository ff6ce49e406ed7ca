import type { SuspendedProcess } from '@aws-sdk/client-auto-scaling'
import { attachedTo } from '../aws/attached.ts'
import { parseStoreUrl, type StoreLocation } from '@switchover/contract/store'
import { tagKey } from '@switchover/contract/tags'
import { refusalOf } from '../aws/errors.ts'
import { findGroups, noHooks, readHooks, type AwsGroup } from '../aws/groups.ts'
import { noSuchService } from '../aws/services.ts'
import { inService } from '../decide/fleet.ts'
import { readEnded } from '../history/read.ts'
import { openRecordStore, type RecordStore, type Stored } from '../record/store.ts'
import type { DistributionAccess } from '../registry/distribution.ts'
import { readMachines } from '../run/machines.ts'
import type { Ports } from '../run/ports.ts'
import { ReportReader } from '../run/reports.ts'
import { readImagesState, type ImageSource } from '../status/images.ts'
import { longestBoot } from '../status/rollback.ts'
import { readTrafficSettings } from '../status/traffic.ts'
import { policiesOf, schedulesOf } from './definitions.ts'
import type { Facts, GroupFacts } from './findings/facts.ts'
import { readGroupAlarms } from './group-alarms.ts'
import { parsePastSides } from './past.ts'
import { readResolvedTags } from './resolved-tags.ts'
import { readStrays } from './strays.ts'

export type Examined = Readonly<{
  facts: Facts
  /** Where the record lies, and how it was read; null where that is not known or could not be done. */
  record: Readonly<{ store: RecordStore; stored: Stored }> | null
}>

export type Subject = Readonly<{ service: string; registry: DistributionAccess }>

/** Ended deployments that are asked what they wrote. */
const pastMost = 20

/** A thing that cannot be looked at is noted, and hides nothing else. */
type Look = <T>(doing: string, work: Promise<T>, otherwise: T) => Promise<T>

/**
 * Reads everything about a service, whatever state it is in. Changes nothing, needs no lease.
 * @throws {Refusal} (2) no group has the service's tag.
 */
export async function examine(
  ports: Pick<Ports, 'clients' | 'clock' | 'random' | 'owner'>,
  { service, registry }: Subject,
): Promise<Examined> {
  const { clients, clock } = ports
  const groups = await findGroups(clients, service)
  if (groups.length === 0) throw await noSuchService(clients.autoScaling, service)
  const unseen = new Set<string>()
  const look = lookInto(unseen)
  const store = storeOf(groups)
  const records = store && openRecordStore(ports, store, service)
  const stored = records && (await look('reading the record', records.read(), null))
  const readable = stored === null ? null : store
  const members = groups.flatMap(({ group }) => group.instances)
  const [past, reports, machines, traffic, strays, alarms] = await Promise.all([
    readable === null ? [] : look('reading the history', readPast(ports, readable, service), []),
    readable === null
      ? new Map()
      : look('reading the reports', readReports(ports, readable, service, members), new Map()),
    look('asking EC2 about parked instances', readMachines(clients, parkedIn(members)), new Map()),
    look(
      'reading load balancer settings',
      readTrafficSettings(
        clients,
        groups.map(({ raw }) => raw),
      ),
      [],
    ),
    look(
      'looking for instances outside groups',
      readStrays(clients, service, new Set(members.map(({ id }) => id))),
      [],
    ),
    look('reading alarms', readGroupAlarms(clients, new Set(groups.map(({ group }) => group.name))), []),
  ])
  const source = readable && { clients, registry, store: readable, service }
  const known = await Promise.all(groups.map(async (group) => groupFacts(ports, group, source, look)))
  const lease = stored?.record?.lease
  const record = stored?.record ?? null
  const facts: Facts = {
    service,
    now: records && stored ? records.clock.now() : clock.now(),
    groups: known,
    record: record && lease?.owner === ports.owner ? { ...record, lease: null } : record,
    // Without a store nobody can ever have written one.
    recordRead: store === null || stored !== null,
    past,
    reports,
    machines,
    traffic,
    strays,
    alarms,
    bootMs: longestBoot(reports),
    unseen: [...unseen],
  }
  return { facts: Object.freeze(facts), record: records && stored ? { store: records, stored } : null }
}

/** The store of the group that serves, else of any: where they differ is a finding of its own. */
function storeOf(groups: readonly AwsGroup[]): StoreLocation | null {
  const serving = groups.toSorted((a, b) => inService(b.group).length - inService(a.group).length)
  for (const { group } of serving) {
    const store = parseStoreUrl(group.tags[tagKey.store] ?? '')
    if (store) return store
  }
  return null
}

async function groupFacts(
  { clients }: Pick<Ports, 'clients'>,
  { raw, group }: AwsGroup,
  source: ImageSource | null,
  look: Look,
): Promise<GroupFacts> {
  const { name } = group
  const serving = inService(group).length > 0 ? source : null
  const [hooks, policies, schedules, images, resolved] = await Promise.all([
    look(`reading the hooks of ${name}`, readHooks(clients, name), noHooks),
    look(`reading the scaling policies of ${name}`, policiesOf(clients, name), []),
    look(`reading the scheduled actions of ${name}`, schedulesOf(clients, name), []),
    serving ? readImagesState(serving, group) : null,
    serving ? readResolvedTags(serving, group) : [],
  ])
  return {
    group: { ...group, hooks },
    suspendedAt: suspensionTimes(raw.SuspendedProcesses ?? []),
    sources: attachedTo(raw).map(({ id }) => id),
    graceMs: (raw.HealthCheckGracePeriod ?? 0) * 1_000,
    heedsLoadBalancer: (raw.HealthCheckType ?? '').split(',').includes('ELB'),
    policies,
    schedules,
    images,
    resolved,
  }
}

/** A user's suspension says when it was made: `User suspended at TIME`. */
function suspensionTimes(processes: readonly SuspendedProcess[]): ReadonlyMap<string, number> {
  const times = processes.flatMap(({ ProcessName, SuspensionReason = '' }): [string, number][] => {
    const at = Date.parse(/ suspended at (\S+)$/.exec(SuspensionReason)?.[1] ?? '')
    return ProcessName === undefined || Number.isNaN(at) ? [] : [[ProcessName, at]]
  })
  return new Map(times)
}

type Members = readonly Facts['groups'][number]['group']['instances'][number][]

async function readPast(
  { clients }: Pick<Ports, 'clients'>,
  store: StoreLocation,
  service: string,
): Promise<Facts['past']> {
  return (await readEnded(clients, store, service, parsePastSides, pastMost)).entries
}

async function readReports(
  { clients }: Pick<Ports, 'clients'>,
  store: StoreLocation,
  service: string,
  members: Members,
): Promise<Facts['reports']> {
  const reader = new ReportReader(clients, store, service)
  return reader.read(new Set(members.map(({ id }) => id)), Number.POSITIVE_INFINITY)
}

function parkedIn(members: Members): ReadonlySet<string> {
  return new Set(members.filter(({ lifecycle }) => lifecycle.endsWith('Standby')).map(({ id }) => id))
}

function lookInto(unseen: Set<string>): Look {
  return async (doing, work, otherwise) => {
    try {
      return await work
    } catch (error) {
      const refusal = refusalOf(error, doing)
      if (!refusal) throw error
      unseen.add(refusal.message)
      return otherwise
    }
  }
}
