import { pinnedRepositories } from '@switchover/contract/compose'
import type { ComposeFile } from '@switchover/contract/compose'
import type { DeployOptions } from '../commands/options.ts'
import type { Digests } from '@switchover/contract/tags'
import { Refusal } from '../events.ts'
import { resolveImage } from '../registry/resolve.ts'
import type { RegistryAccess } from '../registry/resolve.ts'
import { problem } from './problem.ts'
import type { Problem } from './problem.ts'

export type Images = {
  digests: Digests
  /** Every image to be deployed, with the architectures it can run on. */
  found: readonly { name: string; architectures: readonly string[] }[]
}

type Wanted = Pick<DeployOptions, 'version' | 'expectedDigest' | 'image' | 'digest'>

/**
 * Resolves the version once, for every repository that is deployed. `--no-digest` asks no registry.
 * @throws {Refusal} exit 2: an image is missing, or nothing says which image the version is of.
 */
export async function resolveImages(
  registry: RegistryAccess,
  wanted: Wanted,
  compose: ComposeFile | null,
): Promise<Images> {
  if (!wanted.digest) return { digests: {}, found: [] }
  const repositories = compose ? pinnedRepositories(compose) : wanted.image === null ? [] : [wanted.image]
  if (repositories.length === 0)
    throw new Refusal(
      2,
      'refused',
      'The service has no bundle, so nothing says which image the version is of: give --image REPOSITORY, or --no-digest.',
    )
  if (wanted.image !== null && !repositories.includes(wanted.image))
    throw new Refusal(
      2,
      'refused',
      `The bundle deploys ${repositories.join(', ')}, not ${wanted.image}: --image is for a service without a bundle.`,
    )
  if (wanted.expectedDigest && repositories.length > 1)
    throw new Refusal(
      2,
      'refused',
      `The bundle has ${repositories.length} pinned repositories; one digest cannot be of all.`,
    )
  const rows = []
  for (const repository of repositories) {
    const image = await resolveImage(registry, repository, wanted.expectedDigest ?? wanted.version)
    rows.push({ repository, ...image })
  }
  const digestOf = new Map(rows.map(({ repository, digest }) => [repository, digest]))
  const [only] = rows
  const digests =
    only && rows.length === 1
      ? { '': only.digest }
      : Object.fromEntries(
          (compose?.pinned ?? []).map(({ service, repository }) => [service, digestOf.get(repository) ?? '']),
        )
  const found = rows.map(({ repository, architectures }) => ({
    name: `${repository}:${wanted.version}`,
    architectures,
  }))
  return { digests, found }
}

/** An image that cannot run on the group's machines would fail on each of them, minutes later. */
export function checkArchitecture(images: Images, architecture: string, group: string): Problem[] {
  return images.found.flatMap(({ name, architectures }) =>
    architectures.includes(architecture)
      ? []
      : [
          problem(
            `The image ${name} is for ${architectures.join(', ') || 'no known architecture'}, the machines of ${group} are ${architecture}.`,
          ),
        ],
  )
}
