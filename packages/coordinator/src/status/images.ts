import type { PinnedImage } from '@switchover/contract/compose'
import type { StoreLocation } from '@switchover/contract/store'
import { digestFor, readGroupTags, type GroupTags } from '@switchover/contract/tags'
import type { AwsClients } from '../aws/clients.ts'
import { refusalOf } from '../aws/errors.ts'
import type { Group } from '../decide/world.ts'
import { MissingBundle, readBundle } from '../publish/read-bundle.ts'
import { MissingImage, resolveImage, type ResolvedImage } from '../registry/resolve.ts'
import type { DistributionAccess } from '../registry/distribution.ts'
import type { ImagesState } from './judge/images.ts'

export type ImageSource = Readonly<{
  clients: AwsClients
  registry: DistributionAccess
  store: StoreLocation
  service: string
}>

/** Whether the images that this group's tags ask for are still in their registries. Never throws for what AWS or a registry says. */
export async function readImagesState(source: ImageSource, group: Group): Promise<ImagesState> {
  const read = readGroupTags(group.tags)
  if (!read.ok) return { state: 'unknown', sentence: read.problem }
  const { tags } = read
  if (tags.version === null) return { state: 'unknown', sentence: `${group.name} has no version.` }
  if (tags.bundle === null)
    return { state: 'unknown', sentence: `${group.name} has no bundle that would name the repository.` }
  try {
    const compose = await readBundle(source.clients.s3, source.store, source.service, tags.bundle)
    for (const image of compose.pinned) await resolvePinned(source, tags, image)
    return { state: 'present' }
  } catch (error) {
    if (error instanceof MissingImage || error instanceof MissingBundle)
      return { state: 'missing', sentence: error.message }
    const refusal = refusalOf(error, `looking for the image of ${group.name}`)
    if (!refusal) throw error
    return { state: 'unknown', sentence: refusal.message }
  }
}

/** By digest where one is tagged, as agents pull it; else by the version. */
async function resolvePinned(
  { clients, registry }: ImageSource,
  { version, digests }: GroupTags,
  { service, repository }: PinnedImage,
): Promise<ResolvedImage> {
  return resolveImage(
    { ...registry, ecr: clients.ecr },
    repository,
    digestFor(digests, service) ?? version ?? '',
  )
}
