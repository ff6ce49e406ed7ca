import { integer, rows, text, texts } from '../../input.ts'
import { page } from '../../paging.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { tagOutputs } from '../outputs.ts'
import { checkTags, tagsByGroup } from '../tags.ts'

/** Overwrites silently, all or nothing; running instances keep the tags they were launched with. */
export const createOrUpdateTags: Operation = (cloud, input) => {
  const byGroup = tagsByGroup(cloud, input)
  for (const [group, changes] of byGroup) checkTags(group.tags, changes)
  for (const [group, changes] of byGroup)
    for (const { key, value, propagate } of changes) group.tags.set(key, { value, propagate })
  return {}
}

/** By key; a tag that is not there is no error. */
export const deleteTags: Operation = (cloud, input) => {
  for (const [group, changes] of tagsByGroup(cloud, input))
    for (const { key } of changes) group.tags.delete(key)
  return {}
}

const fields = {
  'auto-scaling-group': 'ResourceId',
  key: 'Key',
  value: 'Value',
  'propagate-at-launch': 'PropagateAtLaunch',
} as const

/** Filters AND-ed, the values of one OR-ed; pages of 50, at most 100 (API DescribeTags). */
export const describeTags: Operation = (cloud, input) => {
  const filters = rows(input, 'Filters').map((row) => {
    const name = text(row, 'Name') ?? ''
    if (!Object.hasOwn(fields, name))
      throw new AwsError(
        'ValidationError',
        `Filter type ${name} is not correct. Allowed Filter types are: ${Object.keys(fields).join(' ')}`,
      )
    return { field: fields[name as keyof typeof fields], values: texts(row, 'Values') }
  })
  const found = [...cloud.autoScaling.groups.values()]
    .flatMap(tagOutputs)
    .filter((tag) => filters.every(({ field, values }) => values.includes(String(tag[field]))))
  const { items, next } = page(
    found,
    text(input, 'NextToken'),
    Math.min(100, integer(input, 'MaxRecords') ?? 50),
  )
  return { Tags: items, NextToken: next }
}
