import { DescribeLaunchTemplateVersionsCommand, type ResponseLaunchTemplateData } from '@aws-sdk/client-ec2'
import type { AwsClients } from '../aws/clients.ts'
import type { AwsGroup } from '../aws/groups.ts'
import { errorCode } from '../aws/errors.ts'

/** What a group's launch template says; null where it has none, or one that is gone: that is found elsewhere. */
export async function readTemplate(
  { ec2 }: AwsClients,
  { raw }: AwsGroup,
): Promise<ResponseLaunchTemplateData | null> {
  const template = raw.LaunchTemplate ?? raw.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification
  if (!template) return null
  const by = template.LaunchTemplateId
    ? { LaunchTemplateId: template.LaunchTemplateId }
    : { LaunchTemplateName: template.LaunchTemplateName }
  const Versions = [template.Version ?? '$Default']
  try {
    const { LaunchTemplateVersions = [] } = await ec2.send(
      new DescribeLaunchTemplateVersionsCommand({ ...by, Versions }),
    )
    return LaunchTemplateVersions[0]?.LaunchTemplateData ?? null
  } catch (error) {
    if (/NotFound|InvalidLaunchTemplate/.test(errorCode(error))) return null
    throw error
  }
}
