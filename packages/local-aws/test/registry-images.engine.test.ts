import { afterAll, beforeAll, expect, test } from 'vitest'
import { digestOf } from '../src/ecr/images.ts'
import { RegistryImages } from '../src/ecr/registry-images.ts'
import { ensureRegistry, type Registry } from '../src/instances/container/registry.ts'

let registry: Registry
let images: RegistryImages

beforeAll(async () => {
  const started = await ensureRegistry({ install: false, say: () => {} })
  if (!started.ok) throw new Error(started.why)
  registry = started.value
  images = new RegistryImages(registry.url)
})

afterAll(async () => {
  await registry?.close()
})

const mediaType = 'application/vnd.oci.image.manifest.v1+json'

async function push(repository: string, tag: string, content: string): Promise<string> {
  const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', content }))
  const digest = await images.putBlob(repository, config)
  const layer = await images.putBlob(repository, Buffer.from(content))
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: config.length },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: layer, size: content.length }],
  }
  return await images.put(repository, { mediaType, body: Buffer.from(JSON.stringify(manifest)), tag })
}

test('a manifest is found by its tag and by its digest, byte for byte', async () => {
  const digest = await push('team/web', 'v1', 'one')
  const byTag = await images.manifest('team/web', 'v1')
  expect(byTag).toMatchObject({ digest, mediaType })
  expect(digestOf(byTag?.body ?? new Uint8Array())).toBe(digest)
  expect(await images.manifest('team/web', digest)).toEqual(byTag)
})

test('a tag that moves leaves the older manifest under its digest', async () => {
  const first = await push('moving', 'v1', 'one')
  const second = await push('moving', 'v1', 'two')
  expect((await images.manifest('moving', 'v1'))?.digest).toBe(second)
  expect((await images.manifest('moving', first))?.digest).toBe(first)
  expect(await images.tags('moving')).toEqual(['v1'])
})

test('what is not there is null', async () => {
  expect(await images.manifest('nobody', 'v1')).toBeNull()
  await push('web', 'v1', 'one')
  expect(await images.manifest('web', 'v9')).toBeNull()
  expect(await images.blob('web', digestOf(Buffer.from('none')))).toBeNull()
  expect(await images.hasRepository('nobody')).toBe(false)
  expect(await images.hasRepository('web')).toBe(true)
})

test('a blob comes back', async () => {
  const digest = await images.putBlob('web', Buffer.from('bytes'))
  expect(Buffer.from((await images.blob('web', digest)) ?? []).toString()).toBe('bytes')
})

test('a registry that is out of reach is an error, not an absent image', async () => {
  const gone = new RegistryImages('http://127.0.0.1:1')
  await expect(gone.manifest('web', 'v1')).rejects.toThrow()
})
