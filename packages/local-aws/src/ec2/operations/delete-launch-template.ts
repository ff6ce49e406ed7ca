import { text } from '../../input.ts'
import type { Operation } from '../../wire/operation.ts'
import { templateOutput } from './template-data.ts'

/** With all its versions; what was launched from it lives on (API DeleteLaunchTemplate). */
export const deleteLaunchTemplate: Operation = (cloud, input) => {
  const { templates } = cloud.ec2
  const template = templates.find({
    id: text(input, 'LaunchTemplateId'),
    name: text(input, 'LaunchTemplateName'),
  })
  templates.delete(template)
  return { launchTemplate: templateOutput(template) }
}
