import type { Cloud } from '@switchover/local-aws/cloud'
import type { Intercept } from '@switchover/local-aws/wire/intercept'

export type InstanceKind = 'virtual' | 'container'

/** Where the rehearsal plays: real container machines, or virtual ones. */
export type Scene = {
  readonly kind: InstanceKind
  readonly breaks: Breaks
  /** Where processes on this host reach the local AWS. */
  readonly endpoint: string
  readonly region: string
  /** Environment of the coordinator's process: a session of its role. */
  readonly env: Readonly<Record<string, string>>
  /** What the shipped IAM policies refused, to the coordinator or to an agent. */
  readonly refused: readonly string[]
  readonly appPort: number
  readonly agentPort: number
  /** Makes the sample service's image of `version` and puts it where the registry answers for it. */
  pushImage(version: string, app?: App): Promise<void>
  /** User-data of the launch template; the store exists by now. */
  userData(store: string): Promise<string>
  /** Last lines an instance logged, for a failure's report; empty where there are none. */
  logs(instanceId: string): Promise<string>
  /** Ends everything it started. Safe to repeat. */
  close(): Promise<void>
}

/** What the sample service's app does: serve, or fail every health check for ever. */
export type App = 'serves' | 'never healthy'

/** What can be made to fail, alike on either kind of instance. */
export type Breaks = {
  /** Stands between everybody and AWS; null stands aside. */
  readonly intercept: (hand: Intercept | null) => void
  /** Instances find no image in the registry any more. */
  readonly loseImages: () => void
  /** What EC2 does of its own accord: refuse launches, take Spot instances back. */
  readonly ec2: Pick<Cloud['ec2'], 'spot' | 'launchFault'>
}

export type SceneOptions = {
  say: (text: string) => void
  /** False: what this machine lacks is named, not installed. */
  install: boolean
  /** The agent's tarball that container instances get, where it is not built from this checkout. */
  agent?: string | undefined
  signal: AbortSignal
}

/** This machine lacks a part the rehearsal needs and may not or cannot install it. */
export class HostLacks extends Error {
  override readonly name = 'HostLacks'
}
