import { DeleteObjectsCommand, GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3'
import type { Deployment } from '@switchover/contract/deployment'
import { parseReport, type Report } from '@switchover/contract/report'
import { instanceOfReportKey, storeKeys, type StoreLocation } from '@switchover/contract/store'
import type { AwsClients } from '../aws/clients.ts'
import { isMissingObject } from '../aws/errors.ts'
import type { Group } from '../decide/world.ts'
import type { HeldLease } from '../record/lease.ts'
import { sendPermitted } from './permitted.ts'

type Listed = Readonly<{ key: string; etag: string; instance: string; writtenAt: number }>

/** Pages of 1000 keys. */
const pageLimit = 50
const readsAtOnce = 10

/** Of whom a change matters less, so that a large fleet costs few GETs. */
export type Restraint = Readonly<{
  /** A change is fetched only where the last one was fetched `laterMs` ago. */
  later: ReadonlySet<string>
  /** Not fetched at all; what was fetched before still counts. */
  never: ReadonlySet<string>
  /** Milliseconds since the epoch. */
  now: number
}>

/** As often as a booting agent reports where nothing changes. */
const laterMs = 15_000
const unrestrained: Restraint = { later: new Set(), never: new Set(), now: 0 }

/**
 * What an instance of the old group says matters once it is parked. A new one on its way into service is let in by the
 * agent's own hook, and leaves again where the agent gives up: its group tells both, unless launches are released together.
 * On the way back new ones matter where some are to be kept, or a termination hook waits for their agents; to a finish
 * nobody does who serves.
 */
export function restraintFor(
  old: Group,
  fresh: Group,
  { flags, goal, back, ending }: Pick<Deployment, 'flags' | 'goal' | 'back' | 'ending'>,
  now: number,
): Restraint {
  const never = serving(old)
  const later = flags.release === 'each' ? launching(fresh) : []
  if (goal === 'finish') return { never: new Set([...never, ...serving(fresh)]), later: new Set(ending), now }
  const leaves =
    goal === 'rollback' && back.keep === 0 ? [...serving(fresh), ...inState(fresh, ['Terminating'])] : []
  return { never: new Set([...never, ...leaves]), later: new Set(later), now }
}

const launching = (group: Group) => inState(group, ['Pending', 'Pending:Wait', 'Pending:Proceed'])
const serving = (group: Group) => [...inState(group, ['InService']), ...launching(group)]

function inState({ instances }: Group, states: readonly string[]): string[] {
  return instances.filter(({ lifecycle }) => states.includes(lifecycle)).map(({ id }) => id)
}

/** Reads agents' reports; an object is fetched again only when its ETag changed. */
export class ReportReader {
  readonly #s3: AwsClients['s3']
  readonly #bucket: string
  readonly #prefix: string
  readonly #seen = new Map<string, { etag: string; report: Report | null; at: number }>()

  constructor(clients: AwsClients, store: StoreLocation, service: string) {
    this.#s3 = clients.s3
    this.#bucket = store.bucket
    this.#prefix = storeKeys(store.prefix, service).reportsPrefix
  }

  /**
   * Newest valid report of each of these instances, and of every other that reported after `since` (milliseconds since
   * the epoch, by the store's clock): instances that are gone by now. A report that is not valid, or not about its key,
   * is none.
   */
  async read(
    instances: ReadonlySet<string>,
    since: number,
    restraint: Restraint = unrestrained,
  ): Promise<ReadonlyMap<string, Report>> {
    const listed = (await this.#list()).filter(
      ({ instance, writtenAt }) => instances.has(instance) || writtenAt >= since,
    )
    const changed = listed.filter((one) => this.#isDue(one, restraint))
    for (let start = 0; start < changed.length; start += readsAtOnce) {
      await Promise.all(
        changed.slice(start, start + readsAtOnce).map((one) => this.#fetch(one, restraint.now)),
      )
    }
    const newest = new Map<string, Report>()
    for (const { key, instance } of listed) {
      const report = this.#seen.get(key)?.report
      const known = newest.get(instance)
      // An instance has several keys where its role was replaced: the key begins with the role's id.
      if (report && (!known || report.writtenAt > known.writtenAt)) newest.set(instance, report)
    }
    return newest
  }

  #isDue({ key, etag, instance }: Listed, { later, never, now }: Restraint): boolean {
    const seen = this.#seen.get(key)
    if (seen?.etag === etag || never.has(instance)) return false
    return seen === undefined || !later.has(instance) || now - seen.at >= laterMs
  }

  /**
   * Deletes what these instances reported. Safe to repeat.
   * @returns why a report was not deleted, null where all were
   */
  async delete(instances: ReadonlySet<string>, lease: Pick<HeldLease, 'permit'>): Promise<string | null> {
    if (instances.size === 0) return null
    const keys = (await this.#list()).filter(({ instance }) => instances.has(instance))
    for (let start = 0; start < keys.length; start += 1_000) {
      const Objects = keys.slice(start, start + 1_000).map(({ key }) => ({ Key: key }))
      const command = new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } })
      // Asked after the listing, too: others may have gone on meanwhile.
      const { Errors = [] } = await sendPermitted(lease, command, (options) =>
        this.#s3.send(command, options),
      )
      const [first] = Errors
      if (first)
        return `${first.Key ?? 'A report'} was not deleted: ${first.Message ?? first.Code ?? 'no reason'}.`
    }
    return null
  }

  async #list(): Promise<Listed[]> {
    const listed: Listed[] = []
    let pages = 0
    const query = { Bucket: this.#bucket, Prefix: this.#prefix }
    for await (const { Contents = [] } of paginateListObjectsV2({ client: this.#s3 }, query)) {
      for (const { Key: key, ETag: etag, LastModified } of Contents) {
        const instance = key === undefined ? null : instanceOfReportKey(key)
        if (key === undefined || etag === undefined || instance === null) continue
        // To the whole second, cut down.
        listed.push({ key, etag, instance, writtenAt: (LastModified?.getTime() ?? 0) + 1_000 })
      }
      pages += 1
      if (pages >= pageLimit) break
    }
    return listed
  }

  async #fetch({ key, etag, instance }: Listed, at: number): Promise<void> {
    try {
      const { Body, ETag = etag } = await this.#s3.send(
        new GetObjectCommand({ Bucket: this.#bucket, Key: key }),
      )
      const parsed = parseReport((await Body?.transformToString('utf-8')) ?? '')
      const valid = parsed.ok && parsed.report.instanceId === instance
      this.#seen.set(key, { etag: ETag, report: valid ? parsed.report : null, at })
    } catch (error) {
      if (!isMissingObject(error)) throw error
      this.#seen.delete(key)
    }
  }
}
