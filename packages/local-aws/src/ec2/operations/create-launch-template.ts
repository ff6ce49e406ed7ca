import { text } from '../../input.ts'
import type { Operation } from '../../wire/operation.ts'
import { required } from './required.ts'
import { readTagSpecifications, readTemplateData, templateOutput } from './template-data.ts'

export const createLaunchTemplate: Operation = (cloud, input) => {
  const name = required(input, 'LaunchTemplateName')
  const tags = readTagSpecifications(input, 'TagSpecification')
    .filter((one) => one.ResourceType === 'launch-template')
    .flatMap((one) => one.Tags)
  const { templates } = cloud.ec2
  const data = readTemplateData(input)
  const template = templates.create(name, data, text(input, 'VersionDescription') ?? null, tags)
  return { launchTemplate: templateOutput(template) }
}
