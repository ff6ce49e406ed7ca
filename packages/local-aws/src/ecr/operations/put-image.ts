import { text } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { digestOf } from '../images.ts'
import { existingRepository, required } from '../repositories.ts'

/** Takes the manifest as it comes: that its layers are there is not checked. */
export const putImage: Operation = async (cloud, input) => {
  const repositoryName = await existingRepository(cloud, input)
  const imageManifest = required(input, 'imageManifest')
  const tag = text(input, 'imageTag') ?? null
  const body = Buffer.from(imageManifest)
  const mediaType = text(input, 'imageManifestMediaType') ?? mediaTypeOf(imageManifest)
  const digest = digestOf(body)
  const before = await cloud.images.manifest(repositoryName, tag ?? digest)
  if (before?.digest === digest)
    throw new AwsError(
      'ImageAlreadyExistsException',
      `Image with digest '${digest}' and tag '${tag ?? 'null'}' already exists in the repository with name '${repositoryName}' in registry with id '${cloud.account}'`,
    )
  await cloud.images.put(repositoryName, { mediaType, body, tag })
  const imageId = { imageDigest: digest, imageTag: tag ?? undefined }
  return {
    image: {
      registryId: cloud.account,
      repositoryName,
      imageId,
      imageManifest,
      imageManifestMediaType: mediaType,
    },
  }
}

function mediaTypeOf(manifest: string): string {
  try {
    const { mediaType } = JSON.parse(manifest) as { mediaType?: unknown }
    if (typeof mediaType === 'string') return mediaType
  } catch {
    // Told below, as a manifest without a type.
  }
  throw new AwsError(
    'InvalidParameterException',
    "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'",
  )
}
