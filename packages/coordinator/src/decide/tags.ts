import { digestTagKey, tagKey } from '@switchover/contract/tags'
import type { Step } from './step.ts'
import type { Group } from './world.ts'

const ofVersion = (key: string) =>
  key === tagKey.version ||
  key === tagKey.bundle ||
  key === tagKey.digest ||
  key.startsWith(`${tagKey.digest}:`)

/** The tags that say what instances of a group run: version, digests, bundle. */
export function versionTags(group: Pick<Group, 'tags'>): Record<string, string> {
  return Object.fromEntries(Object.entries(group.tags).filter(([key]) => ofVersion(key)))
}

/** Version tags as a deployment asks for them. */
export function wantedTags(wanted: {
  version: string
  digests: Readonly<Record<string, string>>
  bundle: string | null
}): Record<string, string> {
  const tags: Record<string, string> = { [tagKey.version]: wanted.version }
  for (const [service, digest] of Object.entries(wanted.digests)) tags[digestTagKey(service)] = digest
  if (wanted.bundle !== null) tags[tagKey.bundle] = wanted.bundle
  return tags
}

/**
 * Makes the version tags of a group exactly `version` (stale digests go), and sets or (null) removes `others`.
 * Null when the group has them already.
 */
export function retag(
  group: Group,
  version: Readonly<Record<string, string>>,
  others: Readonly<Record<string, string | null>>,
  why: string,
): Step | null {
  const wanted = new Map<string, string | null>([...Object.entries(version), ...Object.entries(others)])
  const stale = Object.keys(group.tags).filter((key) => ofVersion(key) && !wanted.has(key))
  const set: Record<string, string> = {}
  const remove = [...stale]
  for (const [key, value] of wanted) {
    if (value !== null && group.tags[key] !== value) set[key] = value
    if (value === null && group.tags[key] !== undefined) remove.push(key)
  }
  if (Object.keys(set).length === 0 && remove.length === 0) return null
  return { kind: 'tag', group: group.name, set, remove, why }
}

/** An accidental launch in the idle group must serve the right thing. */
export function tagIdle(
  idle: Group,
  serving: Group,
  others: Readonly<Record<string, string | null>> = {},
): Step | null {
  const why = `${idle.name} is idle and gets the version of ${serving.name}.`
  return retag(idle, versionTags(serving), { ...others, [tagKey.deployment]: null }, why)
}
