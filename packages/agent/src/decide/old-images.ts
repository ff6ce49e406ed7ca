import { parseImage, pinnedTag } from '@switchover/contract/image'
import { familiarName } from './familiar-name.ts'
import type { Plan } from './observation.ts'

/** An image on this machine. */
export type StoredImage = Readonly<{
  id: string
  /** `repository:tag` and `repository@digest`, all there are. */
  names: readonly string[]
  /** When it was built, milliseconds since 1970. */
  createdAt: number
  bytes: number
  /** Whether a container, running or not, is made of it. */
  used: boolean
}>

/** What this agent did with the engine's images before. */
export type ImageHistory = {
  /** Id of the image that lost the name `live`, by repository. */
  replaced: ReadonlyMap<string, string>
  /** References it pulled, as the engine names them. */
  pulled: Set<string>
}

/** Images of the pinned repositories: a new one may share layers with them. */
export function ownImages(images: readonly StoredImage[], plan: Plan): StoredImage[] {
  const pinned = pinnedRepositories(plan)
  return images.filter(({ names }) => names.some((name) => pinned.has(repositoryOf(name))))
}

function pinnedRepositories({ pinned }: Plan): ReadonlySet<string> {
  return new Set(pinned.map(({ repository }) => familiarName(repository)))
}

/**
 * The service's images that nobody needs, oldest first. A pinned repository is its own altogether. Any other, a sidecar's, may
 * be anybody's: there its own are those this agent pulled. Kept are what the plan names, what a container is made of, what has
 * a name somewhere else, and one more of each repository. Of a pinned one that is what it ran before, called `live` until the
 * pull, else the newest.
 */
export function oldImages(
  images: readonly StoredImage[],
  plan: Plan,
  { replaced, pulled }: ImageHistory,
): StoredImage[] {
  const pinned = pinnedRepositories(plan)
  const others = new Set([...pulled].map(repositoryOf)).difference(pinned)
  const references = [
    ...plan.pinned.map(({ source }) => source),
    ...plan.sidecars.flatMap(({ source, image }) => [source, image]),
  ]
  const named = new Set(references.map(familiarName))
  const unnamed = images
    .filter(({ names }) => !names.some((name) => named.has(name)))
    .toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
  const ours = ({ names }: StoredImage) =>
    names.length > 0 && names.every((name) => pulled.has(name) || pinned.has(repositoryOf(name)))
  const previous = new Set([
    ...[...pinned].map((repository) => previousOf(unnamed, repository, replaced)),
    ...[...others].map((repository) => of(unnamed.filter(ours), repository).at(-1)?.id),
  ])
  return unnamed.filter((image) => ours(image) && !image.used && !previous.has(image.id))
}

function previousOf(
  images: readonly StoredImage[],
  repository: string,
  replaced: ReadonlyMap<string, string>,
): string | undefined {
  const rows = of(images, repository)
  const live = rows.find(({ names }) => names.includes(`${repository}:${pinnedTag}`))
  const before = rows.find(({ id }) => id === replaced.get(repository))
  return (live ?? before ?? rows.at(-1))?.id
}

/** Those with a name in a repository. */
function of(images: readonly StoredImage[], repository: string): StoredImage[] {
  return images.filter(({ names }) => names.some((name) => repositoryOf(name) === repository))
}

/** Engines may hold names that are no references of today; nobody's are they. */
function repositoryOf(name: string): string {
  try {
    return parseImage(name).repository
  } catch {
    return ''
  }
}
