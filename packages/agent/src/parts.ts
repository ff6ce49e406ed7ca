import type { BundleSource } from './bundle/install.ts'
import type { ReadLayerSizes } from './aws/ecr-layers.ts'
import type { Membership } from './aws/group.ts'
import type { Hooks } from './aws/hooks.ts'
import type { ReportStore } from './aws/report-store.ts'
import type { Clock } from './clock.ts'
import type { Compose } from './engine/compose.ts'
import type { Room } from './decide/room.ts'
import type { Engine } from './engine/engine.ts'
import type { RegistryLogins } from './engine/registry-login.ts'
import type { Imds } from './imds.ts'
import type { Log } from './log.ts'
import type { Counters } from './metrics/counters.ts'
import type { Systemd } from './systemd.ts'
import type { GroupTags } from '@switchover/contract/tags'

/** What the agent uses of AWS once it knows its Region. */
export type Cloud = {
  membership(instanceId: string, signal: AbortSignal): Promise<Membership | null>
  groupTags(group: string, signal: AbortSignal): Promise<GroupTags>
  bundles(store: string, service: string): BundleSource
  hooks: Hooks
  reports: ReportStore
  logins: RegistryLogins
  layerSizes: ReadLayerSizes
}

/** Everything around the agent, given to it whole. */
export type Parts = {
  clock: Clock
  /** In [0, 1), for jitter. */
  random: () => number
  log: Log
  counters: Counters
  imds: Imds
  cloud: (region: string) => Promise<Cloud>
  engine: Engine
  compose: Compose
  /** What is left on the file system of a directory. */
  room: (directory: string) => Promise<Room>
  systemd: Systemd
  stateDirectory: string
  /** New at every start of the machine. */
  bootId: string
}
