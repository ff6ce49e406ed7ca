import { BatchGetImageCommand, type ECRClient, type ECRClientConfig } from '@aws-sdk/client-ecr'
import { parseImage } from '@switchover/contract/image'
import { manifestTypes, parseEcrHost } from '@switchover/contract/registry'
import type { Clock } from '../clock.ts'
import type { LayerSizes } from '../decide/layer.ts'
import { readManifest } from './image-manifest.ts'

/** Sizes of the layers a machine of this architecture would pull; null where they are not known. Never throws. */
export type ReadLayerSizes = (source: string, architecture: string) => Promise<LayerSizes | null>

/** Knowing is worth this much of a wait: the pull does without. */
const callMs = 3_000

/** Reads manifests through the SDK where an image lies in ECR; of other registries the engine alone is asked. */
export function ecrLayers(options: {
  clock: Clock
  client: (config: ECRClientConfig) => ECRClient
}): ReadLayerSizes {
  return async (source, architecture) => {
    const { registry, path, tag, digest } = parseImage(source)
    const ecr = registry === null ? null : parseEcrHost(registry)
    if (ecr === null) return null
    const client = options.client({ region: ecr.region })
    const abortSignal = options.clock.deadline(callMs)
    const read = async (imageId: { imageDigest: string } | { imageTag: string }) => {
      const command = new BatchGetImageCommand({
        registryId: ecr.account,
        repositoryName: path,
        imageIds: [imageId],
        acceptedMediaTypes: [...manifestTypes],
      })
      const { images } = await client.send(command, { abortSignal })
      return readManifest(JSON.parse(images?.[0]?.imageManifest ?? 'null'), architecture)
    }
    try {
      const first = await read(digest === null ? { imageTag: tag ?? 'latest' } : { imageDigest: digest })
      const found = first?.kind === 'elsewhere' ? await read({ imageDigest: first.digest }) : first
      return found?.kind === 'layers' ? found.sizes : null
    } catch {
      return null
    }
  }
}
