import { expect, test } from 'vitest'
import { registryPermissions } from './registry.ts'

const cloud = { region: 'us-east-1', account: '123456789012' }

test.each([
  ['GET', '/v2/', []],
  ['HEAD', '/v2/team/web/manifests/v1', ['ecr:BatchGetImage', 'team/web']],
  ['GET', '/v2/web/manifests/sha256:0a', ['ecr:BatchGetImage', 'web']],
  ['GET', '/v2/team/web/blobs/sha256:0a', ['ecr:GetDownloadUrlForLayer', 'team/web']],
  ['HEAD', '/v2/web/blobs/sha256:0a', ['ecr:BatchCheckLayerAvailability', 'web']],
  ['POST', '/v2/web/blobs/uploads/', ['ecr:InitiateLayerUpload', 'web']],
  ['PUT', '/v2/web/blobs/uploads/7c1f', ['ecr:CompleteLayerUpload', 'web']],
  ['PUT', '/v2/web/manifests/v1', ['ecr:PutImage', 'web']],
])('%s %s', (method, path, [action, repository]) => {
  const found = registryPermissions(cloud, { method, path })
  expect(found.map((one) => [one.action, one.resource])).toEqual(
    action === undefined ? [] : [[action, `arn:aws:ecr:us-east-1:123456789012:repository/${repository}`]],
  )
})
