import type { AwsClients } from '../aws/clients.ts'
import { sourceName, type Attached } from '../aws/attached.ts'
import type { TargetHealth, TrafficSource } from '../decide/world.ts'
import { readClassicHealth, readClassicTimings } from './classic-load-balancers.ts'
import { readTargetGroupTimings, readTargetHealth } from './target-groups.ts'

export type SourceSettings = Omit<TrafficSource, 'health'>

/** Settings of a traffic source; they are read once a phase. */
export async function readSettings(clients: AwsClients, source: Attached): Promise<SourceSettings> {
  const read = source.type === 'elb' ? readClassicTimings : readTargetGroupTimings
  return { id: source.id, name: sourceName(source), ...(await read(clients, source.id)) }
}

/** Health by instance id, in one call. */
export async function readHealth(
  clients: AwsClients,
  { type, id }: Attached,
): Promise<ReadonlyMap<string, TargetHealth>> {
  return type === 'elb' ? readClassicHealth(clients, id) : readTargetHealth(clients, id)
}
