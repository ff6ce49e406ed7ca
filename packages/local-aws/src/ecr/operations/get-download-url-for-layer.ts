import { AwsError, type Operation } from '../../wire/operation.ts'
import { layerLink } from '../layer-download.ts'
import { existingRepository, required } from '../repositories.ts'

export const getDownloadUrlForLayer: Operation = async (cloud, input, _caller, origin) => {
  const repositoryName = await existingRepository(cloud, input)
  const layerDigest = required(input, 'layerDigest')
  if (!(await cloud.images.blob(repositoryName, layerDigest)))
    throw new AwsError(
      'LayersNotFoundException',
      `The layer with digest '${layerDigest}' does not exist in the repository with name '${repositoryName}' in the registry with id '${cloud.account}'`,
    )
  return { layerDigest, downloadUrl: layerLink(cloud, origin, repositoryName, layerDigest) }
}
