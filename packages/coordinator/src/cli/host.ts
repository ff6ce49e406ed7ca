import type { AwsClients, ClientSettings } from '../aws/clients.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Interrupt } from './interrupt.ts'

type Input = NodeJS.ReadableStream & { isTTY?: boolean; setRawMode?: (raw: boolean) => unknown }
type Output = NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number }

/** Everything a command line takes from the process it runs in. */
export type Host = Readonly<{
  stdin: Input
  stdout: Output
  stderr: Output
  config: Config
  clock: Clock
  /** In [0, 1). */
  random: () => number
  /** Unique per run; names this process to other coordinators. */
  owner: string
  /** The working directory, where switchover.yml may lie. */
  directory: string
  connect: (settings: ClientSettings) => AwsClients
  interrupt: Interrupt
}>
