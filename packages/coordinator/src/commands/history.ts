import type { ResultEvent } from '../events.ts'
import { readHistory, type History } from '../history/read.ts'
import { storeProblem } from '../aws/objects.ts'
import { storeOfService } from '../publish/store.ts'
import type { Ports } from '../run/ports.ts'

export type HistoryResult = ResultEvent & { details: History & { service: string } }

/**
 * `switchover history SERVICE`: what ended, newest first. Changes nothing and needs no lease.
 * @throws {Refusal} (2) no such service, no store.
 */
export async function history(
  { clients, clock, emit }: Pick<Ports, 'clients' | 'clock' | 'emit'>,
  service: string,
): Promise<HistoryResult> {
  const store = await storeOfService(clients.autoScaling, service)
  const found = await readHistory(clients, store, service).catch((error: unknown) => {
    throw storeProblem(store.bucket, error)
  })
  for (const key of found.unreadable)
    emit({ event: 'warning', at: clock.now(), text: `${key} in the store cannot be read and is left out.` })
  const [last] = found.deployments
  return {
    event: 'result',
    at: clock.now(),
    text: last
      ? `${service}: the last deployment that ended is ${last.id}, of ${last.version}.`
      : `No deployment of ${service} has ended yet.`,
    outcome: 'done',
    exitCode: 0,
    next: null,
    details: { service, ...found },
  }
}
