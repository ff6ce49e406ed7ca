import { integer, text } from '../../input.ts'
import { page } from '../../paging.ts'
import type { Operation } from '../../wire/operation.ts'
import { filtered } from '../filters.ts'

/** Tags of instances, as others see them by now. */
export const describeTags: Operation = (cloud, input) => {
  const all = cloud.ec2.instances().flatMap((instance) =>
    Object.entries(cloud.ec2.tagsOf(instance)).map(([key, value]) => ({
      resourceId: instance.id,
      resourceType: 'instance',
      key,
      value,
    })),
  )
  const found = filtered(input, all, (tag, filter) => {
    if (filter === 'resource-id') return [tag.resourceId]
    if (filter === 'resource-type') return [tag.resourceType]
    if (filter === 'key') return [tag.key]
    return filter === 'value' ? [tag.value] : null
  })
  const { items, next } = page(found, text(input, 'NextToken'), integer(input, 'MaxResults') ?? 1_000)
  return { tagSet: items, nextToken: next }
}
