import { parseImage } from '@switchover/contract/image'
import type { Reason, Report } from '@switchover/contract/report'
import { parseStoreUrl, storeKeys } from '@switchover/contract/store'
import { digestFor, type GroupTags } from '@switchover/contract/tags'
import type { Cloud } from '../../cloud.ts'
import { readPinned } from './bundle.ts'
import { imageId } from './image-id.ts'
import type { AgentRights } from './rights.ts'

export type Images = Report['images']

/**
 * Finds every pinned image in the registry: those of the bundle, or the service's own where there is none.
 * @returns what is wrong, where one cannot be had
 * @throws {AwsError} what IAM or the store refuses.
 */
export async function findImages(
  cloud: Cloud,
  rights: AgentRights,
  tags: GroupTags,
  version: string,
): Promise<Images | Reason> {
  const { store, service, bundle: revision } = tags
  let pinned = [{ service, repository: service }]
  if (revision !== null) {
    mayRead(rights, tags, revision)
    const read = await readPinned(cloud.objects, { store, service, revision })
    if (!read.ok) return { code: 'bundle', sentence: read.sentence, kind: read.kind }
    pinned = [...read.pinned]
  }
  const images: Images = []
  for (const { service, repository } of pinned) {
    rights.pull(repository)
    const wanted = digestFor(tags.digests, service) ?? version
    const manifest = await cloud.images.manifest(parseImage(repository).path, wanted)
    if (!manifest) {
      const name = wanted === version ? `${repository}:${version}` : `${repository}@${wanted}`
      return { code: 'image-not-found', sentence: `${name} is not in the registry.`, kind: 'terminal' }
    }
    images.push({ service, repository, digest: manifest.digest, imageId: imageId(manifest) })
  }
  return images
}

function mayRead(rights: AgentRights, { store, service }: GroupTags, revision: string): void {
  const location = parseStoreUrl(store)
  if (!location) return
  const keys = storeKeys(location.prefix, service)
  for (const key of [keys.bundleChecksum(revision), keys.bundle(revision)])
    rights.object('GetObject', location.bucket, key)
}
