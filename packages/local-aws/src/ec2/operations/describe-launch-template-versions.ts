import { integer, text, texts } from '../../input.ts'
import { page } from '../../paging.ts'
import type { Operation } from '../../wire/operation.ts'
import { versionOutput } from './template-data.ts'

/** Newest first, as EC2 lists them. */
export const describeLaunchTemplateVersions: Operation = (cloud, input) => {
  const { templates } = cloud.ec2
  const template = templates.find({
    id: text(input, 'LaunchTemplateId'),
    name: text(input, 'LaunchTemplateName'),
  })
  const wanted = texts(input, 'LaunchTemplateVersion')
  const versions =
    wanted.length > 0
      ? wanted.map((version) => templates.version(template, version))
      : template.versions.toReversed()
  const { items, next } = page(versions, text(input, 'NextToken'), integer(input, 'MaxResults') ?? 200)
  return {
    launchTemplateVersionSet: items.map((version) => versionOutput(template, version)),
    nextToken: next,
  }
}
