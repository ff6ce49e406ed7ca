import { BatchGetImageCommand, ECRClient, GetDownloadUrlForLayerCommand } from '@aws-sdk/client-ecr'
import { manifestTypes } from '@switchover/contract/registry'
import { Refusal } from '../events.ts'
import { bodyOf, request, unusable } from './http.ts'
import { manifestBytesMax, sha256 } from './manifest.ts'

/** One repository of a private ECR registry, read through the SDK: credentials are AWS's own, no docker login is needed. */
export class EcrRepository {
  readonly #client: ECRClient
  readonly #account: string
  readonly #name: string

  constructor(client: ECRClient, account: string, name: string) {
    this.#client = client
    this.#account = account
    this.#name = name
  }

  /** As DistributionRepository.manifest. */
  async manifest(reference: string): Promise<{ digest: string; json: string } | null> {
    const imageId = reference.includes(':') ? { imageDigest: reference } : { imageTag: reference }
    const answer = await this.#known(
      this.#client.send(
        new BatchGetImageCommand({
          registryId: this.#account,
          repositoryName: this.#name,
          imageIds: [imageId],
          acceptedMediaTypes: [...manifestTypes],
        }),
      ),
    )
    const image = answer?.images?.[0]
    if (!image?.imageManifest || !image.imageId?.imageDigest) return null
    const digest = sha256(image.imageManifest)
    const claimed = image.imageId.imageDigest
    if (digest !== claimed || (reference.includes(':') && reference !== digest))
      throw new Refusal(
        2,
        'refused',
        `ECR answered with bytes that do not match ${claimed} of ${this.#name}.`,
      )
    return { digest, json: image.imageManifest }
  }

  /** The text of a small blob: an image's config. */
  async blob(digest: string): Promise<string> {
    const answer = await this.#known(
      this.#client.send(
        new GetDownloadUrlForLayerCommand({
          registryId: this.#account,
          repositoryName: this.#name,
          layerDigest: digest,
        }),
      ),
    )
    if (!answer?.downloadUrl)
      throw new Refusal(2, 'refused', `ECR has no blob ${digest} in the repository ${this.#name}.`)
    const url = new URL(answer.downloadUrl)
    const response = await request(url)
    if (!response.ok) throw unusable(response, url.host, digest)
    const bytes = await bodyOf(response, url.host, manifestBytesMax)
    if (sha256(bytes) !== digest)
      throw new Refusal(2, 'refused', `${url.host} answered with bytes that do not match ${digest}.`)
    return Buffer.from(bytes).toString('utf8')
  }

  /** Null for a repository that does not exist; every other error goes on to who classifies AWS's errors. */
  async #known<T>(sent: Promise<T>): Promise<T | null> {
    try {
      return await sent
    } catch (error) {
      if (error instanceof Error && error.name === 'RepositoryNotFoundException') return null
      throw error
    }
  }
}

/** A client for the Region the registry's host names; the given one where it is the same. */
export async function ecrClientFor(client: ECRClient, region: string): Promise<ECRClient> {
  if ((await client.config.region()) === region) return client
  return new ECRClient({
    region,
    credentials: client.config.credentials,
    requestHandler: client.config.requestHandler,
  })
}
