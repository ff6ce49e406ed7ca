import { digestFor, readGroupTags } from '@switchover/contract/tags'
import { pinnedRepositories } from '@switchover/contract/compose'
import { refusalOf } from '../aws/errors.ts'
import type { Group } from '../decide/world.ts'
import { readBundle } from '../publish/read-bundle.ts'
import { MissingImage, resolveImage } from '../registry/resolve.ts'
import type { ImageSource } from '../status/images.ts'
import type { ResolvedTag } from './findings/facts.ts'

/** What the registry answers for a group's version, image by image; what it does not answer for is left out. */
export async function readResolvedTags(source: ImageSource, group: Group): Promise<ResolvedTag[]> {
  const read = readGroupTags(group.tags)
  if (!read.ok || read.tags.version === null || read.tags.bundle === null) return []
  const { version, bundle, digests } = read.tags
  const resolved: ResolvedTag[] = []
  try {
    const compose = await readBundle(source.clients.s3, source.store, source.service, bundle)
    for (const repository of pinnedRepositories(compose)) {
      const services = compose.pinned.filter((image) => image.repository === repository)
      const tagged = digestFor(digests, services[0]?.service ?? '')
      if (tagged !== null)
        resolved.push({ repository, tagged, found: await resolveTag(source, repository, version) })
    }
  } catch (error) {
    // Whether the images are there is found out, and told, apart from this.
    if (!refusalOf(error, 'resolving a version')) throw error
  }
  return resolved
}

async function resolveTag(
  { clients, registry }: ImageSource,
  repository: string,
  version: string,
): Promise<string | null> {
  try {
    return (await resolveImage({ ...registry, ecr: clients.ecr }, repository, version)).digest
  } catch (error) {
    if (error instanceof MissingImage) return null
    throw error
  }
}
