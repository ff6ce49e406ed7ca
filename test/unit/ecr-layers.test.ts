import { createHash } from 'node:crypto'
import { CreateRepositoryCommand, ECRClient, PutImageCommand } from '@aws-sdk/client-ecr'
import { ecrLayers } from '@switchover/agent/aws/ecr-layers'
import { systemClock } from '@switchover/agent/clock'
import { createCloud } from '@switchover/local-aws/create-cloud'
import { inProcessHandler } from '@switchover/local-aws/in-process'
import { noMachines } from '@switchover/local-aws/instances/none'
import { SimulatedClock } from '@switchover/local-aws/simulated-clock'
import { beforeAll, expect, test } from 'vitest'

const host = '123456789012.dkr.ecr.us-east-1.amazonaws.com'
const digestOf = (json: string) => `sha256:${createHash('sha256').update(json).digest('hex')}`
const manifest = (size: number) =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { digest: `sha256:${'c'.repeat(64)}`, size: 1 },
    layers: [{ digest: `sha256:${'a'.repeat(64)}`, size }],
  })
const images = { amd64: manifest(100), arm64: manifest(200) }
const index = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: Object.entries(images).map(([architecture, json]) => ({
    digest: digestOf(json),
    platform: { os: 'linux', architecture },
  })),
})

let read: ReturnType<typeof ecrLayers>
const asked: string[] = []

beforeAll(async () => {
  const cloud = createCloud({ clock: new SimulatedClock(), random: () => 0.5, machines: () => noMachines })
  const client = new ECRClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: inProcessHandler(cloud),
    maxAttempts: 1,
  })
  const repositoryName = 'team/web'
  await client.send(new CreateRepositoryCommand({ repositoryName }))
  for (const imageManifest of Object.values(images))
    await client.send(
      new PutImageCommand({ repositoryName, imageManifest, imageDigest: digestOf(imageManifest) }),
    )
  await client.send(new PutImageCommand({ repositoryName, imageManifest: index, imageTag: 'v1' }))
  read = ecrLayers({
    clock: systemClock,
    client: ({ region }) => {
      asked.push(String(region))
      return client
    },
  })
})

test.each([
  ['an image', `${host}/team/web@${digestOf(images.amd64)}`, 'amd64', 100],
  ['an index, by its digest', `${host}/team/web@${digestOf(index)}`, 'arm64', 200],
  ['an index, by its tag', `${host}/team/web:v1`, 'amd64', 100],
  ['an index without this architecture', `${host}/team/web:v1`, 'riscv64', null],
  ['a tag that is not there', `${host}/team/web:v2`, 'amd64', null],
  ['a repository that is not there', `${host}/team/other:v1`, 'amd64', null],
])('sizes of the layers of %s', async (_, source, architecture, size) => {
  const sizes = await read(source, architecture)
  expect(sizes === null ? null : [...sizes]).toEqual(size === null ? null : [['a'.repeat(12), size]])
  expect(asked.at(-1)).toBe('us-east-1')
})

test('no other registry is asked', async () => {
  const before = asked.length
  expect(await read('registry.example/web:v1', 'amd64')).toBeNull()
  expect(asked.length).toBe(before)
})
