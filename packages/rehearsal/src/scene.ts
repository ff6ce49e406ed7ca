/** Where the rehearsal plays: real container machines, or virtual ones. */
export type Scene = {
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
  pushImage(version: string): Promise<void>
  /** User-data of the launch template; the store exists by now. */
  userData(store: string): Promise<string>
  /** Last lines an instance logged, for a failure's report; empty where there are none. */
  logs(instanceId: string): Promise<string>
  /** Ends everything it started. Safe to repeat. */
  close(): Promise<void>
}

export type SceneOptions = {
  say: (text: string) => void
  /** False: what this machine lacks is named, not installed. */
  install: boolean
  signal: AbortSignal
}

/** This machine lacks a part the rehearsal needs and may not or cannot install it. */
export class HostLacks extends Error {
  override readonly name = 'HostLacks'
}
