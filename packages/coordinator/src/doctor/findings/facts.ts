import type { Deployment, DeploymentRecord, Flags } from '@switchover/contract/deployment'
import type { Report } from '@switchover/contract/report'
import type { StepOf } from '../../decide/step.ts'
import type { Group, MachineState } from '../../decide/world.ts'
import type { ImagesState } from '../../status/judge/images.ts'
import type { TrafficSettings } from '../../status/judge/traffic.ts'

/** All that is looked at, read once and frozen. A service may be in any state: one group, three, no store. */
export type Facts = Readonly<{
  service: string
  /** Milliseconds since the epoch, by the store's clock. */
  now: number
  /** Every group with the service's tag, in the order of their names. */
  groups: readonly GroupFacts[]
  /** The record, null where none was ever written or it cannot be read; a lease of our own is left out. */
  record: DeploymentRecord | null
  /** False where the record could not be read: what is left over cannot be told from what is meant. */
  recordRead: boolean
  /** Ended deployments, newest first. */
  past: readonly PastSides[]
  reports: ReadonlyMap<string, Report>
  /** EC2's view of every instance in Standby. */
  machines: ReadonlyMap<string, MachineState>
  /** Everything any of the groups is attached to. */
  traffic: readonly TrafficSettings[]
  /** Instances with the service's tag that no group has. */
  strays: readonly Stray[]
  /** Alarms that watch one group by name, those that belong to a target tracking policy left out. */
  alarms: readonly Readonly<{ name: string; group: string }>[]
  /** Longest boot an agent tells of, null where none does. Milliseconds. */
  bootMs: number | null
  /** What could not be looked at, a sentence each. */
  unseen: readonly string[]
}>

export type GroupFacts = Readonly<{
  group: Group
  /** When each process was suspended, as far as AWS says. Milliseconds since the epoch. */
  suspendedAt: ReadonlyMap<string, number>
  /** ARNs and names of what the group is attached to, sorted. */
  sources: readonly string[]
  /** Milliseconds after InService in which load balancer checks do not count. */
  graceMs: number
  /** Whether the group replaces what its load balancer calls unhealthy. */
  heedsLoadBalancer: boolean
  policies: readonly Definition[]
  schedules: readonly Definition[]
  /** Whether its next launch would find image and bundle; null for a group that does not serve. */
  images: ImagesState | null
  /** What the registry says of its version tag, a row for each pinned image whose digest is tagged. */
  resolved: readonly ResolvedTag[]
}>

/** `body` is equal for two that do the same, whichever group they are of. */
export type Definition = Readonly<{ name: string; body: string }>

export type ResolvedTag = Readonly<{
  /** Without tag: `registry/web`. */
  repository: string
  tagged: string
  /** Null where the registry has no such tag any more. */
  found: string | null
}>

export type Stray = Readonly<{
  id: string
  state: MachineState
  /** Milliseconds since the epoch. */
  launchedAt: number
}>

/** What an ended deployment says of the two groups: what they were like before, and what it wrote. */
export type PastSides = Readonly<
  Pick<Deployment, 'id' | 'first' | 'old' | 'new'> & {
    outcome: StepOf<'end'>['outcome']
    scaling: Flags['scaling']
    /** Milliseconds since the epoch, by the store's clock. */
    startedAt: number
    endedAt: number
  }
>
