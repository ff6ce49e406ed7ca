import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { schemaSentence } from '@switchover/contract/sentence'
import { storeKeys, type StoreLocation } from '@switchover/contract/store'
import { classify, errorCode, isMissingObject, refusalOf } from '../aws/errors.ts'
import { recordSchema, type DeploymentRecord } from '@switchover/contract/deployment'
import { Refusal } from '../events.ts'
import type { Ports } from '../run/ports.ts'
import { watchStoreClock, type StoreClock } from './store-clock.ts'

/** The record as it stood when read; both null where no deployment was ever made. The ETag is opaque, quotes included. */
export type Stored = Readonly<{ record: DeploymentRecord | null; etag: string | null }>

export type WriteResult = { kind: 'written'; etag: string } | { kind: 'lost'; current: Stored }

export type RecordStore = {
  readonly location: StoreLocation
  readonly clock: StoreClock
  read(): Promise<Stored>
  /**
   * Writes only if the object is still as `etag` says (null: absent). `lost`: another write came first.
   * @throws the SDK's error where the store stays out of reach; the write may then have happened or still happen.
   */
  write(record: DeploymentRecord, etag: string | null): Promise<WriteResult>
}

/** A 409 or a lost reply clears up within a few tries; a store that stays so is out of order. */
const attempts = 6
const backOffMs = 200

export function openRecordStore(
  { clients, clock, random }: Pick<Ports, 'clients' | 'clock' | 'random'>,
  location: StoreLocation,
  service: string,
): RecordStore {
  const object = { Bucket: location.bucket, Key: storeKeys(location.prefix, service).record }

  async function readText(): Promise<{ text: string; etag: string } | null> {
    try {
      const { Body, ETag } = await clients.s3.send(new GetObjectCommand(object))
      if (!Body || ETag === undefined) throw new Error('S3 answered without a body or an ETag.')
      return { text: await Body.transformToString('utf-8'), etag: ETag }
    } catch (error) {
      if (isMissingObject(error)) return null
      if (errorCode(error) === 'NoSuchBucket') {
        const sentence = `The store s3://${object.Bucket} does not exist: check the tag switchover:store of both groups.`
        throw new Refusal(2, 'refused', sentence, null, error)
      }
      if (classify(error) === 'denied')
        throw refusalOf(error, `reading s3://${object.Bucket}/${object.Key}`) ?? error
      throw error
    }
  }

  async function put(body: string, etag: string | null): Promise<string> {
    const condition = etag === null ? { IfNoneMatch: '*' } : { IfMatch: etag }
    const { ETag } = await clients.s3.send(
      new PutObjectCommand({ ...object, Body: body, ContentType: 'application/json', ...condition }),
    )
    if (ETag === undefined) throw new Error('S3 answered a PUT without an ETag.')
    return ETag
  }

  async function write(record: DeploymentRecord, etag: string | null): Promise<WriteResult> {
    const body = JSON.stringify(recordSchema.parse(record), null, 1)
    let last: unknown
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      if (attempt > 0) await clock.sleep(backOffMs * 2 ** attempt * random())
      try {
        return { kind: 'written', etag: await put(body, etag) }
      } catch (error) {
        if (!undecided(error)) throw error
        last = error
      }
      // Whatever the answer was, what stands in the store decides: a lost reply may hide a write that happened, and the
      // SDK's repetition of it then reads as 412.
      const found = await readText()
      if (found?.text === body) return { kind: 'written', etag: found.etag }
      if ((found?.etag ?? null) !== etag) return { kind: 'lost', current: parse(found, object.Key) }
    }
    throw last
  }

  return {
    location,
    clock: watchStoreClock(clients.s3, clock),
    async read() {
      return parse(await readText(), object.Key)
    },
    write,
  }
}

/** 412, 409, a missing object under If-Match (S3 user guide, conditional-writes), or no usable reply. */
function undecided(error: unknown): boolean {
  const code = errorCode(error)
  return (
    ['PreconditionFailed', 'ConditionalRequestConflict'].includes(code) ||
    isMissingObject(error) ||
    ['transport', 'throttle'].includes(classify(error))
  )
}

function parse(found: { text: string; etag: string } | null, key: string): Stored {
  if (!found) return { record: null, etag: null }
  let value: unknown
  try {
    value = JSON.parse(found.text)
  } catch {
    throw unreadable(key, 'It is not JSON.')
  }
  const parsed = recordSchema.safeParse(value)
  if (!parsed.success) throw unreadable(key, schemaSentence(parsed.error))
  return { record: parsed.data, etag: found.etag }
}

function unreadable(key: string, problem: string): Refusal {
  return new Refusal(4, 'refused', `The record ${key} in the store cannot be read: ${problem}`)
}
