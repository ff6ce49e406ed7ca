import { CreateRepositoryCommand, DeleteRepositoryCommand, PutImageCommand } from '@aws-sdk/client-ecr'
import type { Scene } from './scene.ts'

const mediaType = 'application/vnd.oci.image.index.v1+json'

/** A repository of the scene's own. Returns its name. */
export async function repository(scene: Scene): Promise<string> {
  const { ecr, kind } = scene.place
  const repositoryName = scene.name()
  await ecr.send(new CreateRepositoryCommand({ repositoryName }))
  // The local AWS has no DeleteRepository, and its accounts go with their rows.
  if (kind === 'account')
    scene.cleanUp.add(`repository ${repositoryName}`, () =>
      ecr.send(new DeleteRepositoryCommand({ repositoryName, force: true })),
    )
  return repositoryName
}

/** An index of no image: ECR takes it without any layer. Returns its digest. */
export async function push({ place }: Scene, repositoryName: string, imageTag: string): Promise<string> {
  const annotations = { tag: imageTag }
  const imageManifest = JSON.stringify({ schemaVersion: 2, mediaType, manifests: [], annotations })
  const { image } = await place.ecr.send(new PutImageCommand({ repositoryName, imageManifest, imageTag }))
  return image?.imageId?.imageDigest ?? ''
}
