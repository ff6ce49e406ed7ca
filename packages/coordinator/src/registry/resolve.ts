import type { ECRClient } from '@aws-sdk/client-ecr'
import { parseImage } from '@switchover/contract/image'
import { parseEcrHost } from '@switchover/contract/registry'
import { Refusal } from '../events.ts'
import { DistributionRepository } from './distribution.ts'
import type { DistributionAccess } from './distribution.ts'
import { EcrRepository, ecrClientFor } from './ecr.ts'
import { readConfigArchitecture, readManifest } from './manifest.ts'

export type RegistryAccess = DistributionAccess & Readonly<{ ecr: ECRClient }>

export type ResolvedImage = Readonly<{
  /** What the registry answers for the tag; an index stays an index. */
  digest: string
  /** Architectures it can run on, as Go names them: `amd64`, `arm64`. */
  architectures: readonly string[]
}>

/** The registry answered, and has no such image; every other refusal leaves open whether it has. */
export class MissingImage extends Refusal {
  constructor(name: string) {
    super(2, 'refused', `The image ${name} is not in its registry.`)
  }
}

type Repository = Pick<DistributionRepository, 'manifest' | 'blob'>

/**
 * Resolves `repository:tag` or, with a digest as reference, checks that the registry has it.
 * @throws {MissingImage} no such image · {Refusal} exit 2, one sentence: unreadable, unreachable, login refused.
 */
export async function resolveImage(
  access: RegistryAccess,
  repository: string,
  reference: string,
): Promise<ResolvedImage> {
  const source = await open(access, repository)
  const found = await source.manifest(reference)
  const name = reference.includes(':') ? `${repository}@${reference}` : `${repository}:${reference}`
  if (!found) throw new MissingImage(name)
  const manifest = readManifest(found.json)
  if (!manifest)
    throw new Refusal(2, 'refused', `The registry's answer for ${name} is not an image manifest.`)
  if (manifest.kind === 'index') return { digest: found.digest, architectures: manifest.architectures }
  const architecture = readConfigArchitecture(await source.blob(manifest.config))
  if (!architecture) throw new Refusal(2, 'refused', `The image ${name} does not say its architecture.`)
  return { digest: found.digest, architectures: [architecture] }
}

async function open(access: RegistryAccess, repository: string): Promise<Repository> {
  const { registry, path } = parseImage(repository)
  const ecr = registry === null ? null : parseEcrHost(registry)
  if (!ecr) return new DistributionRepository(access, registry, path)
  return new EcrRepository(await ecrClientFor(access.ecr, ecr.region), ecr.account, path)
}
