import type { Operation } from '../../wire/operation.ts'
import { partBytes } from '../layer-uploads.ts'
import { existingRepository } from '../repositories.ts'

export const initiateLayerUpload: Operation = async (cloud, input) => {
  await existingRepository(cloud, input)
  return { uploadId: cloud.layerUploads.begin(), partSize: partBytes }
}
