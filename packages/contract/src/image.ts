/** The tag that marks an image of the compose file as pinned: it runs at the group's version and is retagged. */
export const pinnedTag = 'live'

export type ImageReference = {
  /** `host[:port]`, or null for a reference without one. */
  registry: string | null
  /** Path inside the registry, `team/web`. */
  path: string
  /** Registry and path, what goes before `:tag` and `@digest`. */
  repository: string
  tag: string | null
  digest: string | null
}

const digestPattern = /^sha256:[0-9a-f]{64}$/
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const pathPattern = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*$/

export function isDigest(text: string): boolean {
  return digestPattern.test(text)
}

/** Whether `text` may be an image tag, and so a version (OCI distribution spec, "Pulling manifests"). */
export function isVersion(text: string): boolean {
  return tagPattern.test(text)
}

/**
 * Parts of an image reference as Docker reads it.
 * @throws {RangeError} one sentence, when the text is no image reference.
 */
export function parseImage(text: string): ImageReference {
  const [name = '', digest = null] = text.split('@', 2)
  const colon = name.lastIndexOf(':')
  const tagged = colon > name.lastIndexOf('/')
  const repository = tagged ? name.slice(0, colon) : name
  const tag = tagged ? name.slice(colon + 1) : null
  const slash = repository.indexOf('/')
  const first = slash > 0 ? repository.slice(0, slash) : ''
  const hasRegistry = first === 'localhost' || /[.:]/.test(first)
  const path = hasRegistry ? repository.slice(slash + 1) : repository
  const legal =
    pathPattern.test(path) && (tag === null || isVersion(tag)) && (digest === null || isDigest(digest))
  if (!legal) throw new RangeError(`"${text}" is not an image reference.`)
  return { registry: hasRegistry ? first : null, path, repository, tag, digest }
}

export function isPinned(image: ImageReference): boolean {
  return image.tag === pinnedTag && image.digest === null
}
