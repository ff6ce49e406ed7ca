import { flag, integer, rows, text, texts } from '../../input.ts'
import { page } from '../../paging.ts'
import { AwsError, type Input, type Operation } from '../../wire/operation.ts'
import type { Group } from '../group.ts'
import { groupOutput } from '../outputs.ts'

/** Names that are not there are left out silently; pages of 50, at most 100; as many names, but 50 in any case (API DescribeAutoScalingGroups). */
export const describeAutoScalingGroups: Operation = (cloud, input) => {
  const names = new Set(texts(input, 'AutoScalingGroupNames'))
  const size = Math.min(100, integer(input, 'MaxRecords') ?? 50)
  const namesMax = Math.max(50, size)
  if (names.size > namesMax)
    throw new AwsError(
      'ValidationError',
      `The number of group names that may be passed in is limited to ${namesMax}`,
    )
  const filters = rows(input, 'Filters')
  const found = [...cloud.autoScaling.groups.values()].filter(
    (group) =>
      (names.size === 0 || names.has(group.name)) && filters.every((filter) => passes(group, filter)),
  )
  const { items, next } = page(found, text(input, 'NextToken'), size)
  const instances = flag(input, 'IncludeInstances') ?? true
  return { AutoScalingGroups: items.map((group) => groupOutput(group, instances)), NextToken: next }
}

/** Filters are `tag-key`, `tag-value` and `tag:KEY`; the values of one are alternatives. */
function passes(group: Group, filter: Input): boolean {
  const name = text(filter, 'Name') ?? ''
  const values = new Set(texts(filter, 'Values'))
  if (name === 'tag-key') return [...group.tags.keys()].some((key) => values.has(key))
  if (name === 'tag-value') return [...group.tags.values()].some((tag) => values.has(tag.value))
  if (!name.startsWith('tag:'))
    throw new AwsError(
      'ValidationError',
      `Filter type ${name} is not correct. Allowed Filter types are: tag-key tag-value tag:<key>`,
    )
  const tag = group.tags.get(name.slice('tag:'.length))
  return tag !== undefined && values.has(tag.value)
}
