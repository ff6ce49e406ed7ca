import type { Cloud } from '../../cloud.ts'
import { rows, text } from '../../input.ts'
import { AwsError, type Operation, type Output } from '../../wire/operation.ts'
import type { Manifest } from '../images.ts'
import { existingRepository } from '../repositories.ts'

/** The images asked for, or all that have a tag. */
export const describeImages: Operation = async (cloud, input) => {
  const repositoryName = await existingRepository(cloud, input)
  const tagsOf = await tagsByDigest(cloud, repositoryName)
  const ids = rows(input, 'imageIds').map((id) => ({
    digest: text(id, 'imageDigest'),
    tag: text(id, 'imageTag'),
  }))
  const references = ids.length > 0 ? ids : [...tagsOf.keys()].map((digest) => ({ digest, tag: undefined }))
  const imageDetails: Output[] = []
  for (const { digest, tag } of references) {
    const found = await cloud.images.manifest(repositoryName, digest ?? tag ?? '')
    if (!found)
      throw new AwsError(
        'ImageNotFoundException',
        `The image with imageId {imageDigest:'${digest ?? 'null'}', imageTag:'${tag ?? 'null'}'} does not exist within the repository with name '${repositoryName}' in the registry with id '${cloud.account}'`,
      )
    imageDetails.push({
      registryId: cloud.account,
      repositoryName,
      imageDigest: found.digest,
      imageTags: tagsOf.get(found.digest),
      imageManifestMediaType: found.mediaType,
      imageSizeInBytes: sizeOf(found),
    })
  }
  return { imageDetails }
}

async function tagsByDigest(cloud: Cloud, repository: string): Promise<Map<string, string[]>> {
  const tagsOf = new Map<string, string[]>()
  for (const tag of await cloud.images.tags(repository)) {
    const digest = (await cloud.images.manifest(repository, tag))?.digest
    if (digest !== undefined) tagsOf.set(digest, [...(tagsOf.get(digest) ?? []), tag])
  }
  return tagsOf
}

/** Compressed size of what a pull fetches; undefined for an index, as ECR has none for it either. */
function sizeOf(manifest: Manifest): number | undefined {
  const { config, layers } = JSON.parse(Buffer.from(manifest.body).toString('utf8')) as {
    config?: { size?: number }
    layers?: { size?: number }[]
  }
  return layers?.reduce((sum, layer) => sum + (layer.size ?? 0), config?.size ?? 0)
}
