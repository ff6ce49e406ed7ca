import { rows, text } from '../../input.ts'
import { AwsError, type Operation, type Output } from '../../wire/operation.ts'
import { existingRepository } from '../repositories.ts'

/** Images that are not there are rows of `failures`, never an error (ECR API reference, BatchGetImage). At most 100 a call. */
export const batchGetImage: Operation = async (cloud, input) => {
  const repositoryName = await existingRepository(cloud, input)
  const wanted = rows(input, 'imageIds')
  if (wanted.length === 0 || wanted.length > 100)
    throw new AwsError(
      'InvalidParameterException',
      "Invalid parameter at 'imageIds' failed to satisfy constraint: 'Member must have length between 1 and 100'",
    )
  const images: Output[] = []
  const failures: Output[] = []
  for (const id of wanted) {
    const imageTag = text(id, 'imageTag')
    const imageDigest = text(id, 'imageDigest')
    const found = await cloud.images.manifest(repositoryName, imageDigest ?? imageTag ?? '')
    if (!found) {
      failures.push({
        imageId: { imageDigest, imageTag },
        failureCode: 'ImageNotFound',
        failureReason: 'Requested image not found',
      })
      continue
    }
    images.push({
      registryId: cloud.account,
      repositoryName,
      imageId: { imageDigest: found.digest, imageTag },
      imageManifest: Buffer.from(found.body).toString('utf8'),
      imageManifestMediaType: found.mediaType,
    })
  }
  return { images, failures }
}
