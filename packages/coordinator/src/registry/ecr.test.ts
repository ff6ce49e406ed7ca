import { ECRClient, CreateRepositoryCommand, PutImageCommand } from '@aws-sdk/client-ecr'
import { createCloud } from '@switchover/local-aws/create-cloud'
import { inProcessHandler } from '@switchover/local-aws/in-process'
import type { Intercept } from '@switchover/local-aws/wire/intercept'
import { noMachines } from '@switchover/local-aws/instances/none'
import { SimulatedClock } from '@switchover/local-aws/simulated-clock'
import { beforeEach, expect, test } from 'vitest'
import { refusalOf } from '../aws/errors.ts'
import { sha256 } from './manifest.ts'
import { resolveImage } from './resolve.ts'

const index = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: [{ platform: { os: 'linux', architecture: 'arm64' } }],
})
const repository = '123456789012.dkr.ecr.us-east-1.amazonaws.com/team/web'
let ecr: ECRClient
/** Stands between the client and ECR while it is set. */
let intercept: Intercept | null

beforeEach(async () => {
  intercept = null
  const cloud = createCloud({ clock: new SimulatedClock(), random: () => 0.5, machines: () => noMachines })
  ecr = new ECRClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: inProcessHandler(cloud, (call, proceed, request) =>
      intercept ? intercept(call, proceed, request) : proceed(),
    ),
    maxAttempts: 1,
  })
  await ecr.send(new CreateRepositoryCommand({ repositoryName: 'team/web' }))
  await ecr.send(new PutImageCommand({ repositoryName: 'team/web', imageManifest: index, imageTag: 'v1' }))
})

const resolve = async (name: string, reference: string) =>
  resolveImage({ ecr, dockerConfig: '/nonexistent', insecureRegistries: [] }, name, reference)

test('a tag and a digest are looked up through the SDK', async () => {
  const expected = { digest: sha256(index), architectures: ['arm64'] }
  expect(await resolve(repository, 'v1')).toEqual(expected)
  expect(await resolve(repository, sha256(index))).toEqual(expected)
})

test('a missing tag and a missing repository are the same sentence', async () => {
  await expect(resolve(repository, 'v2')).rejects.toThrow(
    `The image ${repository}:v2 is not in its registry.`,
  )
  await expect(resolve(`${repository}2`, 'v1')).rejects.toThrow(
    `The image ${repository}2:v1 is not in its registry.`,
  )
})

const answer =
  (status: number, body: object): Intercept =>
  async () => ({
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: Buffer.from(JSON.stringify(body)),
  })

test('an image whose bytes are of another digest is refused', async () => {
  const imageId = { imageDigest: `sha256:${'0'.repeat(64)}`, imageTag: 'v1' }
  intercept = answer(200, { images: [{ imageManifest: index, imageId }] })
  await expect(resolve(repository, 'v1')).rejects.toMatchObject({
    exitCode: 2,
    message: `ECR answered with bytes that do not match ${imageId.imageDigest} of team/web.`,
  })
})

test.each([
  ['an expired token refuses with 2', 400, 'ExpiredTokenException', 2],
  ['missing permission refuses with 2', 400, 'AccessDeniedException', 2],
  ['throttling fails with 1', 400, 'ThrottlingException', 1],
  ['ECR out of order fails with 1', 500, 'ServerException', 1],
])('%s', async (_, status, type, exitCode) => {
  intercept = answer(status, { __type: type, message: 'No.' })
  const error = await resolve(repository, 'v1').catch((caught: unknown) => caught)
  expect(refusalOf(error, 'deploying web')).toMatchObject({ exitCode })
})
