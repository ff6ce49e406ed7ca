import type { AwsClients } from '../aws/clients.ts'
import type { Clock } from '../clock.ts'
import type { Step } from '../decide/step.ts'
import type { World } from '../decide/world.ts'
import type { Emit } from '../events.ts'

/** What a turn of the loop saw and decided. `paceMs`: until the next look, milliseconds. */
export type Look = Readonly<{ world: World; step: Step; paceMs: number }>

/** Everything of the outside world that a command needs. */
export type Ports = Readonly<{
  clients: AwsClients
  clock: Clock
  /** In [0, 1). */
  random: () => number
  emit: Emit
  /** Told of every look, for whoever shows it; costs no call. */
  look?: (look: Look) => void
  /** Names this process for other coordinators and tells its writes from theirs: unique per run, `alice@laptop 4711 9f3c…`. */
  owner: string
  /** Milliseconds between two looks at the world while there is nothing to do. */
  pollMs: number
  /** Aborted by Ctrl-C and SIGTERM: the call in flight ends, the lease is released. */
  interrupt: AbortSignal
}>
