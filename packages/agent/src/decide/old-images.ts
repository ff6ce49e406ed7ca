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
    names.some((name) => pinned.some(({ repository }) => repository === repositoryOf(name))),
  )
}

/**
 * Images of the pinned repositories that nobody needs, oldest first. Kept are what the plan names, what a container is
 * made of, what has a name somewhere else, and one more of each repository: the one it ran before, else the newest. That is
 * what is called `live` until the pull, and what was called so until then.
 * @param replaced id of the image that lost the name `live`, by repository
 */
export function oldImages(
  images: readonly StoredImage[],
  plan: Plan,
  replaced: ReadonlyMap<string, string>,
): StoredImage[] {
  const own = new Set(plan.pinned.map(({ repository }) => repository))
  const named = new Set([
    ...plan.pinned.map(({ source }) => source),
    ...plan.sidecars.flatMap(({ source, image }) => [source, image]),
  ])
  const others = images
    .filter(({ names }) => !names.some((name) => named.has(name)))
    .toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
  const previous = new Set([...own].map((repository) => previousOf(others, repository, replaced)))
  return others.filter(
    (image) =>
      !image.used &&
      !previous.has(image.id) &&
      image.names.length > 0 &&
      image.names.every((name) => own.has(repositoryOf(name))),
  )
}

function previousOf(
  others: readonly StoredImage[],
  repository: string,
  replaced: ReadonlyMap<string, string>,
): string | undefined {
  const rows = others.filter(({ names }) => names.some((name) => repositoryOf(name) === repository))
  const live = rows.find(({ names }) => names.includes(`${repository}:${pinnedTag}`))
  const before = rows.find(({ id }) => id === replaced.get(repository))
  return (live ?? before ?? rows.at(-1))?.id
}

/** Engines may hold names that are no references of today; nobody's are they. */
function repositoryOf(name: string): string {
  try {
    return parseImage(name).repository
  } catch {
    return ''
  }
}
