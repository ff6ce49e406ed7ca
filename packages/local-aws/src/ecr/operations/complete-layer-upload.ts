import { texts } from '../../input.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { existingRepository, required } from '../repositories.ts'

export const completeLayerUpload: Operation = async (cloud, input) => {
  const repositoryName = await existingRepository(cloud, input)
  const uploadId = required(input, 'uploadId')
  const [layerDigest = ''] = texts(input, 'layerDigests')
  if (await cloud.images.blob(repositoryName, layerDigest))
    throw new AwsError(
      'LayerAlreadyExistsException',
      `Layer with digest '${layerDigest}' already exists in the repository with name '${repositoryName}' in registry with id '${cloud.account}'`,
    )
  const bytes = cloud.layerUploads.complete(uploadId, layerDigest)
  await cloud.images.putBlob(repositoryName, bytes)
  return { registryId: cloud.account, repositoryName, uploadId, layerDigest }
}
