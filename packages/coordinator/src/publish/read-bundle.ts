import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { GetObjectCommand, NoSuchKey, paginateListObjectsV2 } from '@aws-sdk/client-s3'
import type { S3Client } from '@aws-sdk/client-s3'
import { extract } from 'tar-stream'
import { bundleBytesMax } from '@switchover/contract/bundle'
import type { ComposeFile } from '@switchover/contract/compose'
import { storeKeys } from '@switchover/contract/store'
import type { StoreLocation } from '@switchover/contract/store'
import { allPages } from '../aws/pages.ts'
import { Refusal } from '../events.ts'
import type { BundleEntry } from './canonical-tar.ts'
import { revisionOf } from './canonical-tar.ts'
import { readText, storeProblem } from '../aws/objects.ts'

/** A tar is larger than its files: a header and padding for each, two empty blocks at the end. */
const tarBytesMax = 2 * bundleBytesMax

/** Of 1000 keys, two a bundle. */
const pageLimit = 200

/** The store answered, and has no such bundle. */
export class MissingBundle extends Refusal {
  constructor(service: string, revision: string, next: string) {
    super(2, 'refused', `The bundle ${revision} of ${service} is not in the store.`, next)
  }
}

/**
 * The compose file of a published bundle, checked as an agent will check it.
 * @throws {MissingBundle} not in the store · {Refusal} exit 2: bytes that are not the revision's, or a compose file that cannot be deployed.
 */
export async function readBundle(
  s3: S3Client,
  store: StoreLocation,
  service: string,
  revision: string,
): Promise<ComposeFile> {
  const keys = storeKeys(store.prefix, service)
  const next = `switchover publish ${service} DIR`
  const [checksum, packed] = await Promise.all([
    readText(s3, store.bucket, keys.bundleChecksum(revision)),
    readBytes(s3, store.bucket, keys.bundle(revision)),
  ])
  if (checksum === null || packed === null) throw new MissingBundle(service, revision, next)
  const tar = unpack(packed)
  const found = tar && revisionOf(tar)
  if (!tar || !found || found.sha256 !== checksum.trim() || found.revision !== revision)
    throw new Refusal(
      2,
      'refused',
      `The bundle ${revision} in the store is damaged: its checksum differs.`,
      next,
    )
  const { composeFileOf } = await import('./compose.ts')
  return composeFileOf(await topFiles(tar))
}

/** The revision published last, or null where none ever was. */
export async function latestRevision(
  s3: S3Client,
  store: StoreLocation,
  service: string,
): Promise<string | null> {
  const prefix = storeKeys(store.prefix, service).bundlesPrefix
  let latest: { revision: string; at: number } | null = null
  try {
    const pages = paginateListObjectsV2({ client: s3 }, { Bucket: store.bucket, Prefix: prefix })
    for await (const { Contents = [] } of allPages(pages, pageLimit)) {
      for (const { Key = '', LastModified } of Contents) {
        const revision = /\/([0-9a-f]{12})\.tar\.gz$/.exec(Key)?.[1]
        const at = LastModified?.getTime() ?? 0
        if (revision !== undefined && at >= (latest?.at ?? 0)) latest = { revision, at }
      }
    }
  } catch (error) {
    throw storeProblem(store.bucket, error)
  }
  return latest?.revision ?? null
}

async function readBytes(s3: S3Client, bucket: string, key: string): Promise<Uint8Array | null> {
  try {
    const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    return (await answer.Body?.transformToByteArray()) ?? null
  } catch (error) {
    if (error instanceof NoSuchKey) return null
    throw storeProblem(bucket, error)
  }
}

function unpack(packed: Uint8Array): Buffer | null {
  try {
    return gunzipSync(packed, { maxOutputLength: tarBytesMax })
  } catch {
    return null
  }
}

/** Only the files at the top: that is where the compose file lies. */
async function topFiles(tar: Buffer): Promise<BundleEntry[]> {
  const entries: BundleEntry[] = []
  const reader = extract()
  reader.end(tar)
  for await (const entry of reader) {
    const { name: path, type } = entry.header
    const content = await buffer(entry)
    if (type === 'file' && !path.includes('/'))
      entries.push({ kind: 'file', path, content, executable: false })
  }
  return entries
}
