import { gzipSync } from 'node:zlib'
import type { S3Client } from '@aws-sdk/client-s3'
import { imagesLockName } from '@switchover/contract/bundle'
import type { ImagesLock } from '@switchover/contract/bundle'
import type { ComposeFile } from '@switchover/contract/compose'
import { parseImage } from '@switchover/contract/image'
import { storeKeys } from '@switchover/contract/store'
import type { StoreLocation } from '@switchover/contract/store'
import { resolveImage } from '../registry/resolve.ts'
import type { RegistryAccess } from '../registry/resolve.ts'
import { canonicalTar, revisionOf } from './canonical-tar.ts'
import type { BundleEntry } from './canonical-tar.ts'
import { composeFileOf } from './compose.ts'
import { readBundleDirectory } from './directory.ts'
import { putOnce } from './put-once.ts'

export type Bundle = { revision: string; sha256: string; tar: Buffer; lock: ImagesLock }

/**
 * Reads, checks and packs a directory; its sidecars' tags are resolved to digests on the way.
 * @throws {Refusal} exit 2, one sentence, where the directory is no bundle or a sidecar cannot be resolved.
 */
export async function packBundle(directory: string, registry: RegistryAccess): Promise<Bundle> {
  const entries = await readBundleDirectory(directory)
  const lock = await lockSidecars(composeFileOf(entries), registry)
  const lockFile: BundleEntry = {
    kind: 'file',
    path: imagesLockName,
    content: Buffer.from(`${JSON.stringify(lock, null, 2)}\n`),
    executable: false,
  }
  const tar = await canonicalTar([...entries, lockFile])
  return { ...revisionOf(tar), tar, lock }
}

/** Uploads a bundle, the checksum first, so that whoever finds the tarball can check it. Already there is as good. */
export async function uploadBundle(
  s3: S3Client,
  store: StoreLocation,
  service: string,
  bundle: Bundle,
): Promise<{ uploaded: boolean; key: string }> {
  const keys = storeKeys(store.prefix, service)
  const key = keys.bundle(bundle.revision)
  await putOnce(s3, store.bucket, keys.bundleChecksum(bundle.revision), `${bundle.sha256}\n`)
  const uploaded = await putOnce(s3, store.bucket, key, gzipSync(bundle.tar, { level: 9 }))
  return { uploaded, key }
}

async function lockSidecars(file: ComposeFile, registry: RegistryAccess): Promise<ImagesLock> {
  const images: Record<string, string> = {}
  for (const image of [...new Set(file.sidecars.map((sidecar) => sidecar.image))].toSorted()) {
    const { repository, tag, digest } = parseImage(image)
    images[image] = digest ?? (await resolveImage(registry, repository, tag ?? 'latest')).digest
  }
  return { schema: 1, images }
}
