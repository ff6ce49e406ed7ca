import type { LaunchTemplateSpecification } from '@aws-sdk/client-auto-scaling'
import { DescribeLaunchTemplateVersionsCommand, type ResponseLaunchTemplateData } from '@aws-sdk/client-ec2'
import type { AwsClients } from '../aws/clients.ts'
import type { AwsGroup } from '../aws/groups.ts'
import { errorCode } from '../aws/errors.ts'

/** The launch template of a group, whichever way it names it. */
export function templateOf({ raw }: Pick<AwsGroup, 'raw'>): LaunchTemplateSpecification | undefined {
  return raw.LaunchTemplate ?? raw.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification
}

/**
 * What a launch template says in the version that a group takes.
 * @param resolved whether EC2 is to look up a machine image that is named by a parameter of Systems Manager
 */
export async function describeTemplate(
  { ec2 }: Pick<AwsClients, 'ec2'>,
  { LaunchTemplateId, LaunchTemplateName, Version = '$Default' }: LaunchTemplateSpecification,
  resolved: boolean,
): Promise<ResponseLaunchTemplateData | null> {
  const by = LaunchTemplateId ? { LaunchTemplateId } : { LaunchTemplateName }
  const { LaunchTemplateVersions = [] } = await ec2.send(
    new DescribeLaunchTemplateVersionsCommand({ ...by, Versions: [Version], ResolveAlias: resolved }),
  )
  return LaunchTemplateVersions[0]?.LaunchTemplateData ?? null
}

/** What a group's launch template says; null where it has none, or one that is gone: that is found elsewhere. */
export async function readTemplate(
  clients: AwsClients,
  group: AwsGroup,
): Promise<ResponseLaunchTemplateData | null> {
  const template = templateOf(group)
  if (!template) return null
  try {
    return await describeTemplate(clients, template, false)
  } catch (error) {
    if (/NotFound|InvalidLaunchTemplate/.test(errorCode(error))) return null
    throw error
  }
}
