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
