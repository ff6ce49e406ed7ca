import type { Cloud } from '../../cloud.ts'
import { text } from '../../input.ts'
import { anywhere, each, permission, type Permissions } from './permission.ts'

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html */
export const ecrPermissions: Permissions = {
  ...anywhere('ecr', ['GetAuthorizationToken']),
  ...each(
    'ecr',
    [
      'BatchCheckLayerAvailability',
      'BatchGetImage',
      'CompleteLayerUpload',
      'CreateRepository',
      'DescribeImages',
      'GetDownloadUrlForLayer',
      'InitiateLayerUpload',
      'PutImage',
      'UploadLayerPart',
    ],
    (action) => (cloud, input) => [
      permission(
        action,
        repositoryArn(cloud, text(input, 'repositoryName') ?? '*', text(input, 'registryId')),
      ),
    ],
  ),
}

export function repositoryArn(
  { region, account }: Pick<Cloud, 'region' | 'account'>,
  name: string,
  registry: string = account,
): string {
  return `arn:aws:ecr:${region}:${registry}:repository/${name}`
}
