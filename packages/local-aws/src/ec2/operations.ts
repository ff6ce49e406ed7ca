import type { Operation } from '../wire/operation.ts'
import { createLaunchTemplate } from './operations/create-launch-template.ts'
import { createLaunchTemplateVersion } from './operations/create-launch-template-version.ts'
import { createTags } from './operations/create-tags.ts'
import { deleteLaunchTemplate } from './operations/delete-launch-template.ts'
import { describeImages } from './operations/describe-images.ts'
import { describeInstances } from './operations/describe-instances.ts'
import { describeInstanceStatus } from './operations/describe-instance-status.ts'
import { describeLaunchTemplates } from './operations/describe-launch-templates.ts'
import { describeLaunchTemplateVersions } from './operations/describe-launch-template-versions.ts'
import { describeTags } from './operations/describe-tags.ts'
import { modifyInstanceAttribute } from './operations/modify-instance-attribute.ts'
import { rebootInstances } from './operations/reboot-instances.ts'
import { terminateInstances } from './operations/terminate-instances.ts'

/**
 * EC2, API version 2016-11-15. Outputs carry the wire's own names (`reservationSet`); the encoder writes the rows of a list as `<item>`.
 */
export const ec2Operations: Record<string, Operation> = {
  CreateLaunchTemplate: createLaunchTemplate,
  CreateLaunchTemplateVersion: createLaunchTemplateVersion,
  CreateTags: createTags,
  DeleteLaunchTemplate: deleteLaunchTemplate,
  DescribeImages: describeImages,
  DescribeInstances: describeInstances,
  DescribeInstanceStatus: describeInstanceStatus,
  DescribeLaunchTemplates: describeLaunchTemplates,
  DescribeLaunchTemplateVersions: describeLaunchTemplateVersions,
  DescribeTags: describeTags,
  ModifyInstanceAttribute: modifyInstanceAttribute,
  RebootInstances: rebootInstances,
  TerminateInstances: terminateInstances,
}
