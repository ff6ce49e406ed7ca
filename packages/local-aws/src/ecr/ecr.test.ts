import {
  BatchCheckLayerAvailabilityCommand,
  BatchGetImageCommand,
  CompleteLayerUploadCommand,
  CreateRepositoryCommand,
  DescribeImagesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  GetDownloadUrlForLayerCommand,
  InitiateLayerUploadCommand,
  PutImageCommand,
  UploadLayerPartCommand,
} from '@aws-sdk/client-ecr'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Cloud } from '../cloud.ts'
import { createCloud } from '../create-cloud.ts'
import { handle, inProcessHandler } from '../in-process.ts'
import { noMachines } from '../instances/none.ts'
import { SimulatedClock } from '../simulated-clock.ts'
import { digestOf } from './images.ts'

const repositoryName = 'team/web'
const config = Buffer.from('{"architecture":"amd64"}')
const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { digest: digestOf(config), size: config.length },
  layers: [{ digest: digestOf(Buffer.from('layer')), size: 1_000 }],
})

let cloud: Cloud
let clock: SimulatedClock
let ecr: ECRClient

beforeEach(async () => {
  clock = new SimulatedClock()
  cloud = createCloud({ clock, random: () => 0.5, machines: () => noMachines, region: 'eu-west-1' })
  ecr = new ECRClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: inProcessHandler(cloud),
  })
  await ecr.send(new CreateRepositoryCommand({ repositoryName }))
})

test('a repository is made once', async () => {
  await expect(ecr.send(new CreateRepositoryCommand({ repositoryName }))).rejects.toMatchObject({
    name: 'RepositoryAlreadyExistsException',
    message: "The repository with name 'team/web' already exists in the registry with id '123456789012'",
  })
})

describe('images', () => {
  beforeEach(async () => {
    await ecr.send(new PutImageCommand({ repositoryName, imageManifest: manifest, imageTag: 'v1' }))
  })

  test.each([{ imageTag: 'v1' }, { imageDigest: digestOf(Buffer.from(manifest)) }])(
    'are found by %o',
    async (imageId) => {
      const { images, failures } = await ecr.send(
        new BatchGetImageCommand({ repositoryName, imageIds: [imageId] }),
      )
      expect(failures).toEqual([])
      expect(images).toMatchObject([
        {
          imageManifest: manifest,
          imageManifestMediaType: 'application/vnd.oci.image.manifest.v1+json',
          imageId: { imageDigest: digestOf(Buffer.from(manifest)) },
        },
      ])
    },
  )

  test('one that is missing is a failure in the answer', async () => {
    const answer = await ecr.send(
      new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag: 'v9' }, { imageTag: 'v1' }] }),
    )
    expect(answer.images).toHaveLength(1)
    expect(answer.failures).toEqual([
      {
        imageId: { imageTag: 'v9' },
        failureCode: 'ImageNotFound',
        failureReason: 'Requested image not found',
      },
    ])
  })

  test('a tag moves; the older digest stays', async () => {
    const newer = manifest.replace('1000', '2000')
    await ecr.send(new PutImageCommand({ repositoryName, imageManifest: newer, imageTag: 'v1' }))
    const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName }))
    expect(imageDetails).toMatchObject([
      {
        imageDigest: digestOf(Buffer.from(newer)),
        imageTags: ['v1'],
        imageSizeInBytes: 2_000 + config.length,
      },
    ])
    const imageIds = [{ imageDigest: digestOf(Buffer.from(manifest)) }]
    expect((await ecr.send(new BatchGetImageCommand({ repositoryName, imageIds }))).images).toHaveLength(1)
  })

  test('the same again is refused', async () => {
    const again = ecr.send(new PutImageCommand({ repositoryName, imageManifest: manifest, imageTag: 'v1' }))
    await expect(again).rejects.toMatchObject({ name: 'ImageAlreadyExistsException' })
  })

  test('describing one that is missing', async () => {
    const sent = ecr.send(new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag: 'v9' }] }))
    await expect(sent).rejects.toMatchObject({
      name: 'ImageNotFoundException',
      message:
        "The image with imageId {imageDigest:'null', imageTag:'v9'} does not exist within the repository with name 'team/web' in the registry with id '123456789012'",
    })
  })
})

test('a repository that does not exist', async () => {
  const sent = ecr.send(new BatchGetImageCommand({ repositoryName: 'none', imageIds: [{ imageTag: 'v1' }] }))
  await expect(sent).rejects.toMatchObject({
    name: 'RepositoryNotFoundException',
    message: "The repository with name 'none' does not exist in the registry with id '123456789012'",
  })
})

describe('layers', () => {
  test('are read by a link, for an hour', async () => {
    const layerDigest = await cloud.images.putBlob(repositoryName, config)
    const { downloadUrl } = await ecr.send(new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest }))
    const { pathname } = new URL(downloadUrl ?? '')
    const get = () =>
      handle(cloud, { method: 'GET', path: pathname, query: '', headers: {}, body: new Uint8Array() })
    expect(Buffer.from((await get()).body).equals(config)).toBe(true)
    await clock.advance(3_600_000)
    expect((await get()).status).toBe(403)
  })

  test('arrive in parts', async () => {
    const whole = Buffer.from('a layer in two parts')
    const layerDigest = digestOf(whole)
    const { uploadId } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }))
    const part = (partFirstByte: number, layerPartBlob: Buffer) =>
      ecr.send(
        new UploadLayerPartCommand({
          repositoryName,
          uploadId,
          partFirstByte,
          partLastByte: partFirstByte + layerPartBlob.length - 1,
          layerPartBlob,
        }),
      )
    await part(0, whole.subarray(0, 7))
    await expect(part(0, whole.subarray(0, 7))).rejects.toMatchObject({ name: 'InvalidLayerPartException' })
    await part(7, whole.subarray(7))
    const complete = (digest: string) =>
      ecr.send(new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests: [digest] }))
    await expect(complete(digestOf(config))).rejects.toMatchObject({ name: 'InvalidLayerException' })
    await complete(layerDigest)
    expect(Buffer.from((await cloud.images.blob(repositoryName, layerDigest)) ?? [])).toEqual(whole)
    const { layers } = await ecr.send(
      new BatchCheckLayerAvailabilityCommand({ repositoryName, layerDigests: [layerDigest] }),
    )
    expect(layers).toEqual([{ layerDigest, layerAvailability: 'AVAILABLE', layerSize: whole.length }])
    await expect(complete(layerDigest)).rejects.toMatchObject({ name: 'LayerAlreadyExistsException' })
  })

  test('one that is missing', async () => {
    const layerDigest = digestOf(Buffer.from('none'))
    const sent = ecr.send(new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest }))
    await expect(sent).rejects.toMatchObject({ name: 'LayersNotFoundException' })
  })
})

test('a login is good for 12 hours at the registry of the Region', async () => {
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}))
  const [login] = authorizationData ?? []
  const [user, token = ''] = Buffer.from(login?.authorizationToken ?? '', 'base64')
    .toString()
    .split(':')
  expect(user).toBe('AWS')
  expect(login?.proxyEndpoint).toBe('https://123456789012.dkr.ecr.eu-west-1.amazonaws.com')
  expect(login?.expiresAt).toEqual(new Date(clock.now() + 12 * 3_600_000))
  expect(cloud.registryTokens.holderOf(token)).toEqual(cloud.identities.callerOf('test'))
  expect(cloud.registryTokens.holderOf(`${token}x`)).toBeNull()
  expect(cloud.registryTokens.holderOf(cloud.registryTokens.signLink('x'))).toBeNull()
  await clock.advance(12 * 3_600_000)
  expect(cloud.registryTokens.holderOf(token)).toBeNull()
})
