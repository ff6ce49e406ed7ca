import { text } from '../../input.ts'
import type { Operation } from '../../wire/operation.ts'
import { readTemplateData, versionOutput } from './template-data.ts'

export const createLaunchTemplateVersion: Operation = (cloud, input) => {
  const { templates } = cloud.ec2
  const template = templates.find({
    id: text(input, 'LaunchTemplateId'),
    name: text(input, 'LaunchTemplateName'),
  })
  const source = text(input, 'SourceVersion')
  const base = source === undefined ? {} : templates.version(template, source).data
  const data = { ...base, ...readTemplateData(input) }
  const version = templates.addVersion(template, data, text(input, 'VersionDescription') ?? null)
  return { launchTemplateVersion: versionOutput(template, version) }
}
