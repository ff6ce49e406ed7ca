import * as z from 'zod'
import { isDigest, isVersion } from './image.ts'
import { schemaSentence } from './sentence.ts'
import { parseStoreUrl } from './store.ts'

/** Keys of the group tags. No `/` or space: such keys make launches fail where instance metadata shows tags. */
export const tagKey = {
  service: 'switchover:service',
  store: 'switchover:store',
  version: 'switchover:version',
  digest: 'switchover:digest',
  bundle: 'switchover:bundle',
  release: 'switchover:release',
  deployment: 'switchover:deployment',
} as const

const digestOfPrefix = `${tagKey.digest}:`

export const serviceName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a service name is 1 to 63 lower-case letters, digits and hyphens')
export const version = z
  .string()
  .refine(isVersion, { error: (issue) => `"${String(issue.input)}" is not a legal image tag` })
export const digest = z
  .string()
  .refine(isDigest, { error: (issue) => `"${String(issue.input)}" is not a sha256 digest` })
export const revision = z.string().regex(/^[0-9a-f]{12}$/, 'a bundle revision is 12 hexadecimal digits')
export const release = z.enum(['each', 'together'])
export type Release = z.infer<typeof release>

/** Digest per compose service; the key `''` holds the one of a bundle with a single pinned repository. */
export type Digests = Readonly<Record<string, string>>

/** What a group's tags say. Everything but service and store may be missing: a fresh idle group has no version yet. */
export type GroupTags = {
  service: string
  store: string
  version: string | null
  digests: Digests
  bundle: string | null
  release: Release
  deployment: string | null
}

const schema = z.object({
  service: serviceName,
  store: z
    .string()
    .refine((url) => parseStoreUrl(url) !== null, 'the store must be written s3://BUCKET/PREFIX'),
  version: version.nullable(),
  digests: z.record(z.string(), digest),
  bundle: revision.nullable(),
  release,
  deployment: z.string().max(64).nullable(),
})

/**
 * Reads `switchover:` tags from a group's tag map; other tags are ignored.
 * A problem names the tag at fault in one sentence.
 */
export function readGroupTags(
  tags: Readonly<Record<string, string>>,
): { ok: true; tags: GroupTags } | { ok: false; problem: string } {
  for (const key of [tagKey.service, tagKey.store]) {
    if (!tags[key]) return { ok: false, problem: `The group has no tag ${key}.` }
  }
  const digests: Record<string, string> = {}
  for (const [key, value] of Object.entries(tags)) {
    if (key !== tagKey.digest && !key.startsWith(digestOfPrefix)) continue
    if (!isDigest(value)) return { ok: false, problem: `Tag ${key}: "${value}" is not a sha256 digest.` }
    digests[key.slice(digestOfPrefix.length)] = value
  }
  const parsed = schema.safeParse({
    service: tags[tagKey.service],
    store: tags[tagKey.store],
    version: tags[tagKey.version] ?? null,
    digests,
    bundle: tags[tagKey.bundle] ?? null,
    release: tags[tagKey.release] ?? 'each',
    deployment: tags[tagKey.deployment] ?? null,
  })
  if (parsed.success) return { ok: true, tags: parsed.data }
  return { ok: false, problem: `Tag switchover:${schemaSentence(parsed.error)}` }
}

/** The tag that carries a digest: one key for a single pinned repository, one per compose service otherwise. */
export function digestTagKey(composeService: string): string {
  return composeService === '' ? tagKey.digest : digestOfPrefix + composeService
}

/** The digest tags say for one compose service: its own, else the shared one. */
export function digestFor(digests: Digests, composeService: string): string | null {
  return digests[composeService] ?? digests[''] ?? null
}
