import { texts } from '../../input.ts'
import type { Operation, Output } from '../../wire/operation.ts'
import { existingRepository } from '../repositories.ts'

export const batchCheckLayerAvailability: Operation = async (cloud, input) => {
  const repositoryName = await existingRepository(cloud, input)
  const layers: Output[] = []
  const failures: Output[] = []
  for (const layerDigest of texts(input, 'layerDigests')) {
    const blob = await cloud.images.blob(repositoryName, layerDigest)
    if (blob) layers.push({ layerDigest, layerAvailability: 'AVAILABLE', layerSize: blob.byteLength })
    else failures.push({ layerDigest, failureCode: 'MissingLayerDigest', failureReason: 'Layer not found' })
  }
  return { layers, failures }
}
