import {
  BatchGetImageCommand,
  DescribeImagesCommand,
  GetAuthorizationTokenCommand,
  type ImageIdentifier,
} from '@aws-sdk/client-ecr'
import { expect } from 'vitest'
import { push, repository } from '../support/repository.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const login = operation('ECR', 'GetAuthorizationToken')
const get = operation('ECR', 'BatchGetImage')
const describe = operation('ECR', 'DescribeImages')
const model = 'ecr 2015-09-21'

function images({ place }: Scene, repositoryName: string, ...imageIds: ImageIdentifier[]) {
  return place.ecr.send(new BatchGetImageCommand({ repositoryName, imageIds }))
}

login.row(
  {
    status: 'model',
    source: `${model}, GetAuthorizationToken`,
    says: 'the login is user AWS and a password, in Base64, good for 12 hours',
  },
  async (scene) => {
    const { authorizationData } = await scene.place.ecr.send(new GetAuthorizationTokenCommand())
    const [data] = authorizationData ?? []
    expect(Buffer.from(data?.authorizationToken ?? '', 'base64').toString()).toMatch(/^AWS:./)
    const hours = ((data?.expiresAt?.getTime() ?? 0) - scene.place.now()) / 3_600_000
    expect(hours).toBeCloseTo(12, 1)
    expect(data?.proxyEndpoint).toMatch(/^https:\/\/\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/)
  },
)

get.row(
  {
    status: 'model',
    source: `${model}, BatchGetImage`,
    says: 'by its tag or its digest the manifest comes as it was put, an index as an index',
  },
  async (scene) => {
    const name = await repository(scene)
    const imageDigest = await push(scene, name, 'v1')
    const found = await images(scene, name, { imageTag: 'v1' })
    expect(found.images).toMatchObject([{ imageId: { imageDigest, imageTag: 'v1' } }])
    expect(JSON.parse(found.images?.[0]?.imageManifest ?? '')).toMatchObject({ manifests: [] })
    expect((await images(scene, name, { imageDigest })).images).toMatchObject([{ imageId: { imageDigest } }])
  },
)

get.row(
  {
    status: 'model',
    source: `${model}, BatchGetImage`,
    says: 'an image that is not there is told beside the others, not as an error',
  },
  async (scene) => {
    const name = await repository(scene)
    await push(scene, name, 'v1')
    const found = await images(scene, name, { imageTag: 'v1' }, { imageTag: 'v2' })
    expect(found.images).toHaveLength(1)
    expect(found.failures).toMatchObject([{ imageId: { imageTag: 'v2' }, failureCode: 'ImageNotFound' }])
  },
)

get.row(
  {
    status: 'model',
    source: `${model}, BatchGetImage`,
    says: 'a repository that is not there is RepositoryNotFoundException',
  },
  async (scene) => {
    expect(await scene.refusal(images(scene, scene.name(), { imageTag: 'v1' }))).toMatchObject({
      code: 'RepositoryNotFoundException',
      status: 400,
    })
  },
)

get.row(
  { status: 'model', source: `${model}, ImageIdentifierList`, says: 'at most 100 images' },
  async (scene) => {
    const name = await repository(scene)
    const many = Array.from({ length: 101 }, (_, one) => ({ imageTag: `v${one}` }))
    expect(await scene.refusal(images(scene, name, ...many))).toMatchObject({ status: 400 })
  },
)

describe.row(
  {
    status: 'model',
    source: `${model}, DescribeImages`,
    says: 'an image that is not there is ImageNotFoundException',
  },
  async (scene) => {
    const repositoryName = await repository(scene)
    const asked = new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag: 'v1' }] })
    expect(await scene.refusal(scene.place.ecr.send(asked))).toMatchObject({
      code: 'ImageNotFoundException',
      status: 400,
    })
  },
)
