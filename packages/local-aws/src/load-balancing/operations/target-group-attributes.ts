import { need, rows, text } from '../../input.ts'
import type { Operation } from '../../wire/operation.ts'
import { attributesOutput } from '../outputs.ts'
import { checkAttribute } from '../settings.ts'

export const describeTargetGroupAttributes: Operation = (cloud, input) =>
  attributesOutput(cloud.loadBalancing.targetGroup(need(input, 'TargetGroupArn')).attributes)

export const modifyTargetGroupAttributes: Operation = (cloud, input) => {
  const group = cloud.loadBalancing.targetGroup(need(input, 'TargetGroupArn'))
  const changes = rows(input, 'Attributes').map(
    (row) => [need(row, 'Key'), text(row, 'Value') ?? ''] as const,
  )
  for (const [key, value] of changes) checkAttribute(group, key, value)
  group.attributes = { ...group.attributes, ...Object.fromEntries(changes) }
  return attributesOutput(group.attributes)
}
