import type { Settings } from '@switchover/contract/compose'
import type { Reason } from '@switchover/contract/report'
import type { Digests, Release } from '@switchover/contract/tags'
import type { Health } from './health.ts'
import type { Ending, Parking } from './lifecycle.ts'

export type Identity = { instanceId: string; region: string }

/** What this instance shall run for its whole life: its group's tags as they were at its first boot. */
export type Wanted = {
  group: string
  service: string
  store: string
  version: string
  bundle: string
  release: Release
  deployment: string | null
  digests: Digests
}

export type PinnedPlan = {
  service: string
  repository: string
  /** What is pulled: `repository@digest`, or `repository:version` where the group names no digest. */
  source: string
  digest: string | null
}

export type SidecarPlan = {
  service: string
  /** As the compose file writes it. */
  image: string
  source: string
}

/** What the bundle says about the wanted version. */
export type Plan = {
  directory: string
  composeFile: string
  settings: Settings
  pinned: readonly PinnedPlan[]
  sidecars: readonly SidecarPlan[]
  /** Services compose starts by default; those behind a profile are not among them. */
  services: readonly string[]
}

export type ImageView = {
  source: string
  /** Image id of the source reference, null where the engine has none. */
  sourceId: string | null
  sourceDigests: readonly string[]
  architecture: string | null
  /** Image id of the name the compose file uses. */
  namedId: string | null
}

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'

export type ContainerView = {
  id: string
  service: string
  imageId: string
  state: ContainerState
  /** Docker's own health check, `none` where the container has none. */
  health: 'none' | 'starting' | 'healthy' | 'unhealthy'
  exitCode: number
  /** Milliseconds since its start, 0 unless it runs. */
  runningMs: number
  /** Whether Docker never restarts it: then an exit with 0 is an end, not a failure. */
  oneShot: boolean
  /** How often Docker restarted it. */
  restarts: number
}

export type EngineView = {
  architecture: string
  /** By the source reference. */
  images: ReadonlyMap<string, ImageView>
  containers: readonly ContainerView[]
}

export type VerifiedImage = { service: string; repository: string; digest: string; imageId: string }

/** Everything one decision is made from. */
export type Observation = Readonly<{
  now: number
  identity: Identity | null
  wanted: Wanted | null
  plan: Plan | null
  /** The engine's last answer, null where it has never answered since the agent started. */
  engine: EngineView | null
  /** Images proven before a restart of the agent or the machine. */
  recorded: readonly VerifiedImage[]
  health: Health
  parking: Parking
  /** Whether the instance is in its group's warm pool, or goes there. */
  warm: boolean
  ending: Ending | null
  /** Whether the app was ready once in this life of the machine. */
  everReady: boolean
  /** Whether older images were removed since the agent started. */
  tidied: boolean
  /** What ended the attempt for good. */
  terminal: Reason | null
}>
