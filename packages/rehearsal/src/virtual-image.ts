import { CreateRepositoryCommand, type ECRClient, PutImageCommand } from '@aws-sdk/client-ecr'

/**
 * Puts an image that exists by name and digest only into ECR, for instances that are modelled: an index of one
 * manifest, for this host's architecture.
 */
export async function pushVirtualImage(ecr: ECRClient, repository: string, version: string): Promise<void> {
  await ecr.send(new CreateRepositoryCommand({ repositoryName: repository })).catch((error: unknown) => {
    if ((error as Error).name !== 'RepositoryAlreadyExistsException') throw error
  })
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    annotations: { 'org.opencontainers.image.version': version },
    manifests: [
      {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: `sha256:${'0'.repeat(64)}`,
        size: 0,
        platform: { os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' },
      },
    ],
  }
  await ecr.send(
    new PutImageCommand({
      repositoryName: repository,
      imageTag: version,
      imageManifest: JSON.stringify(manifest),
      imageManifestMediaType: manifest.mediaType,
    }),
  )
}
