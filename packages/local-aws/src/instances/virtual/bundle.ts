import { createHash } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { extract } from 'tar-stream'
import { parse } from 'yaml'
import { bundleBytesMax, composeFileNames } from '@switchover/contract/bundle'
import { readComposeFile, type PinnedImage } from '@switchover/contract/compose'
import { parseStoreUrl, storeKeys } from '@switchover/contract/store'
import type { ObjectStore } from '../../s3/store.ts'

/** A bundle that cannot be used: one sentence, and whether another try may help. */
export type BundleProblem = { ok: false; sentence: string; kind: 'retryable' | 'terminal' }

/** The pinned images of a published bundle. @throws {AwsError} NoSuchBucket. */
export async function readPinned(
  objects: ObjectStore,
  where: { store: string; service: string; revision: string },
): Promise<{ ok: true; pinned: readonly PinnedImage[] } | BundleProblem> {
  const location = parseStoreUrl(where.store)
  const key = storeKeys(location?.prefix ?? '', where.service).bundle(where.revision)
  const object = location && objects.get(location.bucket, key)
  if (!object)
    return { ok: false, sentence: `Bundle ${where.revision} is not in the store.`, kind: 'retryable' }
  const tar = gunzipSync(object.body, { maxOutputLength: bundleBytesMax })
  if (!createHash('sha256').update(tar).digest('hex').startsWith(where.revision))
    return {
      ok: false,
      sentence: `Bundle ${where.revision} has other content than its name.`,
      kind: 'terminal',
    }
  const read = readComposeFile(parse(await composeFile(tar)))
  return read.ok
    ? { ok: true, pinned: read.file.pinned }
    : { ok: false, sentence: read.problem, kind: 'terminal' }
}

async function composeFile(tar: Uint8Array): Promise<string> {
  const files = new Map<string, string>()
  const entries = extract()
  entries.end(tar)
  for await (const entry of entries) files.set(entry.header.name.replace(/^\.\//, ''), await text(entry))
  const name = composeFileNames.find((candidate) => files.has(candidate))
  return (name && files.get(name)) ?? ''
}
