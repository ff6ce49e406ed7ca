import type { Cloud } from '../../cloud.ts'
import type { Permission } from '../evaluate.ts'
import { repositoryArn } from './ecr.ts'
import { permission } from './permission.ts'

/**
 * What a request of Docker's to the registry needs: ECR judges it by the actions of its own API (ECR user guide,
 * registry_auth and repository-policies). `/v2/` itself needs a login alone.
 */
export function registryPermissions(
  cloud: Pick<Cloud, 'region' | 'account'>,
  { method, path }: { method: string; path: string },
): readonly Permission[] {
  const [, name, kind, upload] = /^\/v2\/(.+)\/(manifests|blobs)\/(uploads\/)?[^/]*$/.exec(path) ?? []
  if (name === undefined || kind === undefined) return []
  const action = actions[kind === 'blobs' && upload ? 'uploads' : kind]?.[method]
  return action === undefined ? [] : [permission(action, repositoryArn(cloud, name))]
}

const actions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  manifests: { GET: 'ecr:BatchGetImage', HEAD: 'ecr:BatchGetImage', PUT: 'ecr:PutImage' },
  blobs: { GET: 'ecr:GetDownloadUrlForLayer', HEAD: 'ecr:BatchCheckLayerAvailability' },
  uploads: { POST: 'ecr:InitiateLayerUpload', PATCH: 'ecr:UploadLayerPart', PUT: 'ecr:CompleteLayerUpload' },
}
