import { GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3'
import { schemaSentence } from '@switchover/contract/sentence'
import { storeKeys, type StoreLocation } from '@switchover/contract/store'
import type * as z from 'zod'
import type { AwsClients } from '../aws/clients.ts'
import { isMissingObject } from '../aws/errors.ts'
import { Refusal } from '../events.ts'
import { parseJson } from '../json.ts'
import { endedSchema, parsePastDeployment, type PastDeployment } from './entry.ts'

export type History = Readonly<{
  /** Newest first. */
  deployments: readonly PastDeployment[]
  /** Keys of objects that cannot be read as ended deployments. */
  unreadable: readonly string[]
  /** Older ones that were left in the store unread. */
  older: number
}>

/** Told at most; everything else stays in the store. */
const shownMost = 100
/** Pages of 1000 keys. */
const pageLimit = 50
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
): Promise<{ entries: T[] } & Pick<History, 'unreadable' | 'older'>> {
  const { history } = storeKeys(store.prefix, service)
  const ids = await listIds(clients, store, service)
  const newest = ids.slice(0, most)
  const entries: T[] = []
  const unreadable: string[] = []
  for (let start = 0; start < newest.length; start += readsAtOnce) {
    const read = newest.slice(start, start + readsAtOnce).map(async (id) => {
      const text = await readText(clients, store.bucket, history(id))
      return { id, text, entry: text === null ? null : parse(text, id) }
    })
    for (const { id, text, entry } of await Promise.all(read)) {
      if (entry !== null) entries.push(entry)
      else if (text !== null) unreadable.push(history(id))
    }
  }
  return { entries, unreadable: unreadable.toSorted(), older: ids.length - newest.length }
}

/**
 * One ended deployment, whole.
 * @throws {Refusal} (2) where it cannot be read.
 */
export async function readEndedOne(
  clients: Pick<AwsClients, 's3'>,
  store: StoreLocation,
  service: string,
  id: string,
): Promise<z.infer<typeof endedSchema>> {
  const key = storeKeys(store.prefix, service).history(id)
  const text = await readText(clients, store.bucket, key)
  const read = endedSchema.safeParse(parseJson(text ?? ''))
  if (read.success) return read.data
  throw new Refusal(
    2,
    'refused',
    `${key} in the store cannot be read as a deployment that ended: ${schemaSentence(read.error)}`,
    `switchover history ${service}`,
  )
}

/** Ids of what has ended, newest first: they begin with the moment of their deployment. */
export async function listIds(
  { s3 }: Pick<AwsClients, 's3'>,
  { bucket, prefix: root }: StoreLocation,
  service: string,
): Promise<string[]> {
  const prefix = storeKeys(root, service).historyPrefix
  const ids: string[] = []
  let pages = 0
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client: s3 },
    // What runs saw lies one level below.
    { Bucket: bucket, Prefix: prefix, Delimiter: '/' },
  )) {
    for (const { Key = '' } of Contents) {
      const id = /^([^/]+)\.json$/.exec(Key.slice(prefix.length))?.[1]
      if (id !== undefined) ids.push(id)
    }
    pages += 1
    if (pages >= pageLimit) break
  }
  return ids.toSorted().toReversed()
}

/** @returns null where there is no such object */
export async function readText(
  { s3 }: Pick<AwsClients, 's3'>,
  Bucket: string,
  Key: string,
): Promise<string | null> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
    return (await Body?.transformToString('utf-8')) ?? ''
  } catch (error) {
    if (isMissingObject(error)) return null
    throw error
  }
}
