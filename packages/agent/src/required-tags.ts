import { tagKey, type GroupTags } from '@switchover/contract/tags'
import { retryable } from './decide/reason.ts'
import { Failure } from './failure.ts'

/** The tags a machine cannot start without. @throws {Failure} naming the one that is missing */
export function requireVersion(group: string, tags: GroupTags): { version: string; bundle: string } {
  const { version, bundle } = tags
  if (version === null) throw missing(group, 'no-version-tag', tagKey.version)
  if (bundle === null) throw missing(group, 'no-bundle-tag', tagKey.bundle)
  return { version, bundle }
}

function missing(group: string, code: string, key: string): Failure {
  return new Failure(retryable(code, `Group ${group} has no tag ${key} yet.`))
}
