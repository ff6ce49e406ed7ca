import type { Settings } from '@switchover/contract/scaling'

/** A value the SDK answered with as JSON holds it: without fields that are undefined. */
export function plain(value: unknown): Settings[string] {
  return JSON.parse(JSON.stringify(value)) as Settings[string]
}
