import type { Operation } from '../../wire/operation.ts'
import { existingRepository, required } from '../repositories.ts'

export const uploadLayerPart: Operation = async (cloud, input) => {
  const repositoryName = await existingRepository(cloud, input)
  const uploadId = required(input, 'uploadId')
  const lastByteReceived = cloud.layerUploads.part(
    uploadId,
    Number(required(input, 'partFirstByte')),
    Number(required(input, 'partLastByte')),
    Buffer.from(required(input, 'layerPartBlob'), 'base64'),
  )
  return { registryId: cloud.account, repositoryName, uploadId, lastByteReceived }
}
