import type { Cloud } from '../../cloud.ts'
import { text, texts } from '../../input.ts'
import { readTags } from '../../ec2/operations/template-data.ts'
import { anywhere, each, permission, requestTags, tagKeys, type Permissions } from './permission.ts'

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html */
export const ec2Permissions: Permissions = {
  ...anywhere('ec2', [
    'DescribeImages',
    'DescribeInstances',
    'DescribeInstanceStatus',
    'DescribeLaunchTemplates',
    'DescribeLaunchTemplateVersions',
    'DescribeTags',
  ]),
  CreateLaunchTemplate: (cloud) => [
    permission('ec2:CreateLaunchTemplate', arn(cloud, 'launch-template/*'), region(cloud)),
  ],
  ...each('ec2', ['CreateLaunchTemplateVersion', 'DeleteLaunchTemplate'], (action) => (cloud, input) => {
    const name = text(input, 'LaunchTemplateName')
    const named = cloud.ec2.templates.all().find((template) => template.name === name)
    const id = text(input, 'LaunchTemplateId') ?? named?.id ?? '*'
    return [permission(action, arn(cloud, `launch-template/${id}`), region(cloud))]
  }),
  ...each(
    'ec2',
    ['RebootInstances', 'TerminateInstances'],
    (action) => (cloud, input) =>
      texts(input, 'InstanceId').map((id) =>
        permission(action, arn(cloud, `instance/${id}`), own(cloud, id)),
      ),
  ),
  ModifyInstanceAttribute: (cloud, input) => {
    const id = text(input, 'InstanceId') ?? '*'
    return [permission('ec2:ModifyInstanceAttribute', arn(cloud, `instance/${id}`), own(cloud, id))]
  },
  CreateTags: (cloud, input) => {
    const request = requestTags(readTags(input).map(({ Key, Value }) => [Key, Value] as const))
    return texts(input, 'ResourceId').map((id) =>
      permission('ec2:CreateTags', arn(cloud, `${kindOf(id)}/${id}`), { ...own(cloud, id), ...request }),
    )
  },
}

function arn({ region, account }: Cloud, resource: string): string {
  return `arn:aws:ec2:${region}:${account}:${resource}`
}

function region(cloud: Cloud) {
  return { 'ec2:Region': cloud.region }
}

/** Tags as others see them, lag included; an instance that is not there has none. */
function own(cloud: Cloud, id: string) {
  const instance = cloud.ec2.instance(id)
  const tags = Object.entries(instance ? cloud.ec2.tagsOf(instance) : {})
  return { ...region(cloud), ...tagKeys('aws:ResourceTag', tags), ...tagKeys('ec2:ResourceTag', tags) }
}

function kindOf(id: string): string {
  return id.startsWith('lt-') ? 'launch-template' : 'instance'
}
