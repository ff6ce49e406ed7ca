import { parseImage, pinnedTag } from '@switchover/contract/image'
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

/** Images of the pinned repositories: a new one may share layers with them. */
export function ownImages(images: readonly StoredImage[], { pinned }: Plan): StoredImage[] {
  return images.filter(({ names }) =>
    names.some((name) => pinned.some(({ repository }) => repository === read(name).repository)),
  )
}

/**
 * Images of the service's repositories that nobody needs, oldest first. A pinned repository is its own altogether. That of a
 * sidecar may be anybody's: there its own are those that a newer one has taken the tag from. Kept are what the plan names,
 * what a container is made of, what has a name somewhere else, and one more of each repository. Of a pinned one that is what
 * it ran before, called `live` until the pull, else the newest.
 * @param replaced id of the image that lost the name `live`, by repository
 */
export function oldImages(
  images: readonly StoredImage[],
  plan: Plan,
  replaced: ReadonlyMap<string, string>,
): StoredImage[] {
  const pinned = new Set(plan.pinned.map(({ repository }) => repository))
  const beside = plan.sidecars.map(({ source }) => read(source).repository)
  const sidecars = new Set(beside.filter((repository) => !pinned.has(repository)))
  const named = new Set([
    ...plan.pinned.map(({ source }) => source),
    ...plan.sidecars.flatMap(({ source, image }) => [source, image]),
  ])
  const others = images
    .filter(({ names }) => !names.some((name) => named.has(name)))
    .toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
  const ours = ({ names }: StoredImage) =>
    names.length > 0 &&
    names
      .map(read)
      .every(({ repository, tag }) => pinned.has(repository) || (sidecars.has(repository) && tag === null))
  const previous = new Set([
    ...[...pinned].map((repository) => previousOf(others, repository, replaced)),
    ...[...sidecars].map((repository) => of(others.filter(ours), repository).at(-1)?.id),
  ])
  return others.filter((image) => ours(image) && !image.used && !previous.has(image.id))
}

function previousOf(
  others: readonly StoredImage[],
  repository: string,
  replaced: ReadonlyMap<string, string>,
): string | undefined {
  const rows = of(others, repository)
  const live = rows.find(({ names }) => names.includes(`${repository}:${pinnedTag}`))
  const before = rows.find(({ id }) => id === replaced.get(repository))
  return (live ?? before ?? rows.at(-1))?.id
}

/** Those with a name in a repository. */
function of(images: readonly StoredImage[], repository: string): StoredImage[] {
  return images.filter(({ names }) => names.some((name) => read(name).repository === repository))
}

/** Engines may hold names that are no references of today; nobody's are they. */
function read(name: string): { repository: string; tag: string | null } {
  try {
    return parseImage(name)
  } catch {
    return { repository: '', tag: null }
  }
}
