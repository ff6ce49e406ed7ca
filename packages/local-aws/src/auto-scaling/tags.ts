import type { Cloud } from '../cloud.ts'
import { checkLength, flag, need, rows, text } from '../input.ts'
import { AwsError, type Input } from '../wire/operation.ts'
import type { Group } from './group.ts'

export type TagChange = { key: string; value: string; propagate: boolean }

const perCall = 25
const perGroup = 50

/** Tags of one request, in groups' name. @throws {AwsError} ValidationError. */
export function readTags(input: Input): (TagChange & { group: string | undefined })[] {
  const tags = rows(input, 'Tags')
  if (tags.length > perCall)
    throw new AwsError('ValidationError', `The number of tags in a request is limited to ${perCall}`)
  return tags.map((tag) => {
    const key = need(tag, 'Key')
    checkLength('tags.member.key', key, 128)
    const value = text(tag, 'Value') ?? ''
    checkLength('tags.member.value', value, 256)
    const type = text(tag, 'ResourceType')
    if (type !== undefined && type !== 'auto-scaling-group')
      throw new AwsError('ValidationError', `The resource type '${type}' is not supported for tags`)
    return { key, value, propagate: flag(tag, 'PropagateAtLaunch') ?? false, group: text(tag, 'ResourceId') }
  })
}

/** Tags of one request by group. @throws {AwsError} ValidationError where a tag names no group. */
export function tagsByGroup(cloud: Cloud, input: Input): Map<Group, TagChange[]> {
  const byGroup = new Map<Group, TagChange[]>()
  for (const { group: name, ...change } of readTags(input)) {
    if (name === undefined)
      throw new AwsError('ValidationError', 'Resource ID must not be null for tags of an Auto Scaling group')
    const group = cloud.autoScaling.changeable(name)
    byGroup.set(group, [...(byGroup.get(group) ?? []), change])
  }
  return byGroup
}

/** @throws {AwsError} ValidationError for reserved keys, LimitExceeded beyond 50 tags a group. */
export function checkTags(tags: Group['tags'], changes: readonly TagChange[]): void {
  const reserved = changes.find(({ key }) => key.startsWith('aws:'))
  if (reserved)
    throw new AwsError('ValidationError', `Your account is not allowed to create tag ${reserved.key}`)
  if (new Set([...tags.keys(), ...changes.map(({ key }) => key)]).size > perGroup)
    throw new AwsError(
      'LimitExceeded',
      `The number of tags is limited to ${perGroup} for each Auto Scaling group`,
    )
}
