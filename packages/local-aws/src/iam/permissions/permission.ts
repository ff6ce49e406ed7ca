import type { Cloud } from '../../cloud.ts'
import type { Input } from '../../wire/operation.ts'
import { contextOf } from '../context.ts'
import type { Permission } from '../evaluate.ts'

/** What one operation needs to be allowed, all of it. */
export type PermissionsOf = (cloud: Cloud, input: Input) => readonly Permission[]

/** By operation, of one API. Each one it offers is in it: a call that is not is refused as a bug. */
export type Permissions = Readonly<Record<string, PermissionsOf>>

export function permission(
  action: string,
  resource: string,
  context: Parameters<typeof contextOf>[0] = {},
): Permission {
  return { action, resource, context: contextOf(context) }
}

/** Operations whose action knows no resources. */
export function anywhere(prefix: string, operations: readonly string[]): Permissions {
  return Object.fromEntries(
    operations.map((operation) => [operation, () => [permission(`${prefix}:${operation}`, '*')]]),
  )
}

/** Operations that share how their resources are found. `of` gets the action's name. */
export function each(
  prefix: string,
  operations: readonly string[],
  of: (action: string) => PermissionsOf,
): Permissions {
  return Object.fromEntries(operations.map((operation) => [operation, of(`${prefix}:${operation}`)]))
}

/** Condition keys of tags: one for each tag of a resource or a request. */
export function tagKeys(key: string, tags: Iterable<readonly [string, string]>): Record<string, string> {
  return Object.fromEntries([...tags].map(([name, value]) => [`${key}/${name}`, value]))
}

/** Condition keys of the tags a request brings. */
export function requestTags(
  tags: readonly (readonly [string, string])[],
): Record<string, string | readonly string[]> {
  return tags.length === 0
    ? {}
    : { ...tagKeys('aws:RequestTag', tags), 'aws:TagKeys': tags.map(([key]) => key) }
}
