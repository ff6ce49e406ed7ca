import { schemaSentence } from '@switchover/contract/sentence'
import { storeKeys, type StoreLocation } from '@switchover/contract/store'
import type * as z from 'zod'
import type { AwsClients } from '../aws/clients.ts'
import { Refusal } from '../events.ts'
import { parseJson } from '../json.ts'
import { readText } from '../aws/objects.ts'
import { endedSchema, parsePastDeployment, type PastDeployment } from './entry.ts'
import { listIds } from './ids.ts'

export type History = Readonly<{
  /** Newest first. */
  deployments: readonly PastDeployment[]
  /** Keys of objects that cannot be read as ended deployments. */
  unreadable: readonly string[]
  /** Older ones that were left in the store unread. */
  older: number
  /** False where the store holds so many that `older` is only the least they can be. */
  counted: boolean
}>

/** Told at most; everything else stays in the store. */
const shownMost = 100
const readsAtOnce = 10

/** Reads the ended deployments of a service. An object that cannot be read hides no other. */
export async function readHistory(
  clients: Pick<AwsClients, 's3'>,
  store: StoreLocation,
  service: string,
): Promise<History> {
  const { entries, ...rest } = await readEnded(clients, store, service, parsePastDeployment, shownMost)
  return { deployments: entries.toSorted((a, b) => (a.endedAt < b.endedAt ? 1 : -1)), ...rest }
}

/**
 * What `parse` makes of the newest objects, those begun last first.
 * @param parse gives null for what it cannot read
 */
export async function readEnded<T>(
  clients: Pick<AwsClients, 's3'>,
  store: StoreLocation,
  service: string,
  parse: (text: string, id: string) => T | null,
  most: number,
): Promise<{ entries: T[] } & Pick<History, 'unreadable' | 'older' | 'counted'>> {
  const { history } = storeKeys(store.prefix, service)
  const { ids, all } = await listIds(clients.s3, store, service)
  const newest = ids.slice(0, most)
  const entries: T[] = []
  const unreadable: string[] = []
  for (let start = 0; start < newest.length; start += readsAtOnce) {
    const read = newest.slice(start, start + readsAtOnce).map(async (id) => {
      const text = await readText(clients.s3, store.bucket, history(id))
      return { id, text, entry: text === null ? null : parse(text, id) }
    })
    for (const { id, text, entry } of await Promise.all(read)) {
      if (entry !== null) entries.push(entry)
      else if (text !== null) unreadable.push(history(id))
    }
  }
  return { entries, unreadable: unreadable.toSorted(), older: ids.length - newest.length, counted: all }
}

/**
 * One ended deployment, whole; null where there is none of that id.
 * @throws {Refusal} (2) where it cannot be read.
 */
export async function readEndedOne(
  clients: Pick<AwsClients, 's3'>,
  store: StoreLocation,
  service: string,
  id: string,
): Promise<z.infer<typeof endedSchema> | null> {
  const key = storeKeys(store.prefix, service).history(id)
  const text = await readText(clients.s3, store.bucket, key)
  if (text === null) return null
  const read = endedSchema.safeParse(parseJson(text))
  if (read.success) return read.data
  throw new Refusal(
    2,
    'refused',
    `${key} in the store cannot be read as a deployment that ended: ${schemaSentence(read.error)}`,
    `switchover history ${service}`,
  )
}
