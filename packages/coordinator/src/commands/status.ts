import type { ResultEvent } from '../events.ts'
import type { Ports } from '../run/ports.ts'
import { nextCommand, summarise } from '../status/format.ts'
import type { ServiceStatus } from '../status/model.ts'
import { readStatus, type Known, type StatusOptions } from '../status/read.ts'

export type StatusResult = ResultEvent & { details: ServiceStatus }

/** `switchover status SERVICE`: exit 0 whatever the state is; the state is the answer. */
export async function status(
  ports: Pick<Ports, 'clients' | 'clock' | 'random'>,
  options: StatusOptions,
  known: Known = {},
): Promise<StatusResult> {
  const found = await readStatus(ports, options, known)
  return {
    event: 'result',
    at: ports.clock.now(),
    text: summarise(found),
    outcome: 'done',
    exitCode: 0,
    next: nextCommand(found),
    details: found,
  }
}

/**
 * `switchover status SERVICE --watch`: reads it every poll and shows it whenever it has changed, until interrupted.
 * @returns what was read last
 */
export async function watchStatus(
  ports: Pick<Ports, 'clients' | 'clock' | 'random' | 'interrupt' | 'pollMs'>,
  options: StatusOptions,
  show: (result: StatusResult) => void,
): Promise<StatusResult> {
  const known: Known = {}
  let shown = ''
  for (;;) {
    const result = await status(ports, options, known)
    const said = essence(result.details)
    if (said !== shown) show(result)
    shown = said
    await ports.clock.sleep(ports.pollMs, ports.interrupt)
    if (ports.interrupt.aborted) return result
  }
}

/** A renewed lease, or a parked agent that says again what it said, is no news. */
function essence({ lease, ...rest }: ServiceStatus): string {
  return JSON.stringify({ ...rest, holder: lease && [lease.owner, lease.expired] })
}
