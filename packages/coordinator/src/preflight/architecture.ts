import { DescribeLaunchConfigurationsCommand } from '@aws-sdk/client-auto-scaling'
import { DescribeImagesCommand } from '@aws-sdk/client-ec2'
import type { AwsClients } from '../aws/clients.ts'
import { errorCode } from '../aws/errors.ts'
import type { AwsGroup } from '../aws/groups.ts'
import { Refusal } from '../events.ts'
import { describeTemplate, templateOf } from './template.ts'

/** EC2's names of architectures as image manifests write them. */
const asImagesName: Readonly<Record<string, string>> = { x86_64: 'amd64', arm64: 'arm64', i386: '386' }

/**
 * The architecture a group's instances will have, as image manifests name it: by its launch template's machine image.
 * @throws {Refusal} exit 2 where the launch template, or the machine image it names, does not exist.
 */
export async function expectedArchitecture(clients: AwsClients, group: AwsGroup): Promise<string> {
  const { name } = group.group
  const imageId = await machineImage(clients, group)
  if (!imageId) throw new Refusal(2, 'refused', `The launch template of ${name} names no machine image.`)
  const { Images = [] } = await known(
    clients.ec2.send(new DescribeImagesCommand({ ImageIds: [imageId] })),
    `The machine image ${imageId} of ${name} does not exist.`,
  )
  const architecture = Images[0]?.Architecture
  if (!architecture)
    throw new Refusal(2, 'refused', `The machine image ${imageId} of ${name} does not exist.`)
  const state = Images[0]?.State ?? 'available'
  if (state !== 'available')
    throw new Refusal(2, 'refused', `The machine image ${imageId} of ${name} is ${state}, not available.`)
  return asImagesName[architecture] ?? architecture
}

async function machineImage(clients: AwsClients, group: AwsGroup): Promise<string | undefined> {
  const template = templateOf(group)
  if (template) {
    const described = await known(
      describeTemplate(clients, template, true),
      `The launch template ${template.LaunchTemplateName ?? template.LaunchTemplateId} of ${group.group.name} does not exist.`,
    )
    return described?.ImageId
  }
  const { LaunchConfigurationName } = group.raw
  if (!LaunchConfigurationName) return undefined
  const { LaunchConfigurations = [] } = await clients.autoScaling.send(
    new DescribeLaunchConfigurationsCommand({ LaunchConfigurationNames: [LaunchConfigurationName] }),
  )
  return LaunchConfigurations[0]?.ImageId
}

async function known<T>(sent: Promise<T>, sentence: string): Promise<T> {
  try {
    return await sent
  } catch (error) {
    if (/NotFound|InvalidAMIID|VersionNotFound|InvalidLaunchTemplate/.test(errorCode(error)))
      throw new Refusal(2, 'refused', sentence, null, error)
    throw error
  }
}
