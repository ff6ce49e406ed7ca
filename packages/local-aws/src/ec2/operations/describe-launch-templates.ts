import { integer, text, texts } from '../../input.ts'
import { page } from '../../paging.ts'
import type { Operation } from '../../wire/operation.ts'
import { filtered, tagAttribute } from '../filters.ts'
import { templateOutput } from './template-data.ts'

export const describeLaunchTemplates: Operation = (cloud, input) => {
  const { templates } = cloud.ec2
  const ids = texts(input, 'LaunchTemplateId').map((id) => templates.find({ id }))
  const names = texts(input, 'LaunchTemplateName').map((name) => templates.find({ name }))
  const named = [...ids, ...names]
  const found = filtered(input, named.length > 0 ? named : templates.all(), (template, filter) => {
    if (filter === 'launch-template-name') return [template.name]
    const tags = Object.fromEntries(template.tags.map(({ Key, Value }) => [Key, Value]))
    return tagAttribute(tags, filter) ?? null
  })
  const { items, next } = page(found, text(input, 'NextToken'), integer(input, 'MaxResults') ?? 200)
  return { launchTemplates: items.map(templateOutput), nextToken: next }
}
