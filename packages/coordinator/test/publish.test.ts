import { mkdir, mkdtemp, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, gzipSync } from 'node:zlib'
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { extract, pack } from 'tar-stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sha256 } from '../src/registry/manifest.ts'
import { commandLine } from './support/command-line.ts'
import {
  composeText,
  createWebService,
  pushImage,
  repository,
  store,
  storeUrl,
} from './support/web-service.ts'
import type { WebService } from './support/web-service.ts'

let web: WebService
let directory: string

beforeEach(async () => {
  web = await createWebService()
  directory = await mkdtemp(join(tmpdir(), 'publish-'))
  await writeFile(join(directory, 'compose.yaml'), composeText)
})
afterEach(async () => {
  await rm(directory, { recursive: true })
})

const say = async (...argv: string[]) =>
  commandLine(argv, { directory: '/', clients: web.account.clients, clock: web.account.clock })

async function keys(): Promise<string[]> {
  const { Contents = [] } = await web.account.clients.s3.send(
    new ListObjectsV2Command({ Bucket: store.bucket }),
  )
  return Contents.map(({ Key = '' }) => Key)
}

async function read(Key: string): Promise<Buffer> {
  const { Body } = await web.account.clients.s3.send(new GetObjectCommand({ Bucket: store.bucket, Key }))
  return Buffer.from((await Body?.transformToByteArray()) ?? [])
}

describe('a bundle', () => {
  test('is known by its content, whatever the times', async () => {
    const first = await say('publish', 'web', directory)
    expect(first).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^[0-9a-f]{12}\n$/) })
    await utimes(join(directory, 'compose.yaml'), 1, 1)
    const second = await say('publish', 'web', directory, '--json')
    expect(JSON.parse(second.stdout)).toMatchObject({
      outcome: 'done',
      details: { revision: first.stdout.trim(), uploaded: false },
    })
    const revision = first.stdout.trim()
    const tar = gunzipSync(await read(`switchover/web/bundles/${revision}.tar.gz`))
    const checksum = (await read(`switchover/web/bundles/${revision}.sha256`)).toString().trim()
    expect(`sha256:${checksum}`).toBe(sha256(tar))
  })

  test('holds its files, and the digests of its sidecars', async () => {
    const manifest = await pushImage(web.account, 'v7', ['amd64'])
    await mkdir(join(directory, 'conf'))
    await writeFile(join(directory, 'conf', 'app.ini'), 'x')
    await mkdir(join(directory, '.git'))
    await writeFile(join(directory, '.git', 'HEAD'), 'x')
    await symlink('conf/app.ini', join(directory, 'app.ini'))
    await writeFile(join(directory, 'compose.yaml'), `${composeText}  side:\n    image: ${repository}:v7\n`)
    const { stdout } = await say('publish', 'web', directory)
    const reader = extract()
    reader.end(gunzipSync(await read(`switchover/web/bundles/${stdout.trim()}.tar.gz`)))
    const found = new Map<string, string>()
    for await (const entry of reader)
      found.set(entry.header.name, entry.header.linkname ?? (await buffer(entry)).toString())
    expect([...found.keys()]).toEqual(['app.ini', 'compose.yaml', 'conf/app.ini', 'images.lock'])
    expect(JSON.parse(found.get('images.lock') ?? '')).toEqual({
      schema: 1,
      images: { [`${repository}:v7`]: sha256(manifest) },
    })
  })

  test.each([
    ['no compose file', async (at: string) => rm(join(at, 'compose.yaml')), 'has no compose file'],
    [
      'two compose files',
      async (at: string) => writeFile(join(at, 'docker-compose.yml'), composeText),
      'keep one',
    ],
    [
      'no pinned image',
      async (at: string) => writeFile(join(at, 'compose.yaml'), 'services: { a: { image: "a:1" } }'),
      'no pinned image',
    ],
    [
      'no YAML',
      async (at: string) => writeFile(join(at, 'compose.yaml'), 'a: [}'),
      'compose.yaml is not YAML',
    ],
    [
      'a link that leaves',
      async (at: string) => symlink('../x', join(at, 'out')),
      'out is a link that leaves the directory',
    ],
    [
      'an absolute link',
      async (at: string) => symlink('/etc/passwd', join(at, 'abs')),
      'abs is a link that leaves the directory',
    ],
    [
      'a huge file',
      async (at: string) => {
        await writeFile(join(at, 'big'), '')
        await truncate(join(at, 'big'), 11 * 1024 * 1024)
      },
      'larger than 10 MiB',
    ],
    [
      'a sidecar that is in no registry',
      async (at: string) =>
        writeFile(join(at, 'compose.yaml'), `${composeText}  s:\n    image: ${repository}:v99\n`),
      `The image ${repository}:v99 is not in its registry.`,
    ],
  ])('with %s is refused, and nothing is written', async (_, spoil, words) => {
    const before = await keys()
    await spoil(directory)
    const { exitCode, stdout, stderr } = await say('publish', 'web', directory)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(words)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(await keys()).toEqual(before)
  })

  test('of an unknown service, or into a missing bucket, is refused', async () => {
    expect(await say('publish', 'nobody', directory)).toMatchObject({
      exitCode: 2,
      stderr:
        'No Auto Scaling group in this account and region has the tag switchover:service=nobody. The services here are web: check --region and --profile.\n',
    })
    expect(await say('publish', 'web', directory, '--store', 's3://gone/x')).toMatchObject({
      exitCode: 2,
      stderr: "The store's bucket gone does not exist.\n",
    })
    expect(await say('publish', 'web', directory, '--store', 'bucket')).toMatchObject({ exitCode: 2 })
  })
})

async function tarball(version: string | null, content: string): Promise<string> {
  const tar = pack()
  tar.entry({ name: 'switchover-agent/agent.mjs' }, content)
  if (version !== null) tar.entry({ name: 'switchover-agent/VERSION' }, `${version}\n`)
  tar.finalize()
  const path = join(directory, 'switchover-agent-linux-x64.tar.gz')
  await writeFile(path, gzipSync(await buffer(tar)))
  return path
}

describe('an agent', () => {
  test('goes under its version, with its checksum', async () => {
    const path = await tarball('1.2.3', 'a')
    const { exitCode, stdout } = await say('publish', '--agent', path, '--store', storeUrl)
    const key = 'switchover/agent/1.2.3/switchover-agent-linux-x64.tar.gz'
    const [first, second] = stdout.split('\n')
    expect([exitCode, first]).toEqual([0, key])
    expect(sha256(await read(key))).toBe(`sha256:${second}`)
    expect(await say('publish', '--agent', path, '--store', storeUrl)).toMatchObject({ exitCode: 0, stdout })
  })

  test('with other content under the same version is refused', async () => {
    await say('publish', '--agent', await tarball('1.2.3', 'a'), '--store', storeUrl)
    const again = await say('publish', '--agent', await tarball('1.2.3', 'b'), '--store', storeUrl)
    expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('with other content') })
  })

  test('without a version needs --agent-version', async () => {
    const path = await tarball(null, 'a')
    expect(await say('publish', '--agent', path, '--store', storeUrl)).toMatchObject({ exitCode: 2 })
    const given = await say('publish', '--agent', path, '--store', storeUrl, '--agent-version', '2.0.0')
    expect(given.stdout).toContain('agent/2.0.0/')
  })

  test.each([['agent.tar.gz'], ['switchover-agent-linux-x64.tar.gz']])(
    '%s that is no agent is refused',
    async (name) => {
      const path = join(directory, name)
      await writeFile(path, 'no gzip')
      expect(await say('publish', '--agent', path, '--store', storeUrl)).toMatchObject({ exitCode: 2 })
    },
  )
})
