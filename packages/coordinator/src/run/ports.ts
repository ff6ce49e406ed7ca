import type { AwsClients } from '../aws/clients.ts'
import type { Clock } from '../clock.ts'
import type { Emit } from '../events.ts'

/** Everything of the outside world that a command needs. */
export type Ports = Readonly<{
  clients: AwsClients
  clock: Clock
  /** In [0, 1). */
  random: () => number
  emit: Emit
  /** Names this process for other coordinators and tells its writes from theirs: unique per run, `alice@laptop 4711 9f3c…`. */
  owner: string
  /** Milliseconds between two looks at the world while there is nothing to do. */
  pollMs: number
  /** Aborted by Ctrl-C and SIGTERM: the call in flight ends, the lease is released. */
  interrupt: AbortSignal
}>
