import { paginateListObjectsV2 } from '@aws-sdk/client-s3'
import { storeKeys, type StoreLocation } from '@switchover/contract/store'
import { traceSchema, type Trace } from '@switchover/contract/trace'
import type { AwsClients } from '../aws/clients.ts'
import { parseJson } from '../json.ts'
import { readText } from '../aws/objects.ts'

/** Runs of one deployment that are read: the newest, where somebody resumed it again and again. */
const tracesMost = 50
const readsAtOnce = 10

/** What the runs of a deployment saw, oldest first; of how many older ones it is left in the store. One that cannot be read hides no other. */
export async function readTraces(
  clients: Pick<AwsClients, 's3'>,
  { bucket, prefix }: StoreLocation,
  service: string,
  id: string,
): Promise<{ traces: Trace[]; unreadable: string[]; older: number }> {
  const query = { Bucket: bucket, Prefix: storeKeys(prefix, service).tracePrefix(id) }
  const keys: string[] = []
  for await (const { Contents = [] } of paginateListObjectsV2({ client: clients.s3 }, query)) {
    keys.push(...Contents.flatMap(({ Key }) => (Key !== undefined && /\/\d+\.json$/.test(Key) ? [Key] : [])))
    if (keys.length > 10_000) break
  }
  const traces: Trace[] = []
  const unreadable: string[] = []
  const newest = keys.toSorted().slice(-tracesMost)
  for (let start = 0; start < newest.length; start += readsAtOnce) {
    const read = newest.slice(start, start + readsAtOnce).map(async (key) => {
      const text = await readText(clients.s3, bucket, key)
      return { key, text, trace: traceSchema.safeParse(parseJson(text ?? '')).data ?? null }
    })
    for (const { key, text, trace } of await Promise.all(read)) {
      if (trace !== null) traces.push(trace)
      else if (text !== null) unreadable.push(key)
    }
  }
  const older = keys.length - newest.length
  return { traces: traces.toSorted((a, b) => a.from - b.from), unreadable, older }
}
