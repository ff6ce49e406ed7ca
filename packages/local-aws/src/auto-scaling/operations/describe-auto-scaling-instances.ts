import { integer, text } from '../../input.ts'
import { page } from '../../paging.ts'
import type { Operation } from '../../wire/operation.ts'
import { instanceIds } from '../members.ts'
import { instanceOutput } from '../outputs.ts'

/** Ids that are in no group are left out silently; pages of at most 50. */
export const describeAutoScalingInstances: Operation = (cloud, input) => {
  const ids = instanceIds(input, 50)
  const all = [...cloud.autoScaling.groups.values()].flatMap((group) =>
    [...group.members.values()].map((member) => ({ group, member })),
  )
  const found = all.filter(({ member }) => ids.length === 0 || ids.includes(member.id))
  const size = Math.min(50, integer(input, 'MaxRecords') ?? 50)
  const { items, next } = page(found, text(input, 'NextToken'), size)
  return {
    AutoScalingInstances: items.map(({ group, member }) => instanceOutput(group, member)),
    NextToken: next,
  }
}
