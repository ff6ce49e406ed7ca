import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bundleBytesMax, bundleFilesMax } from '@switchover/contract/bundle'
import { installBundle, type BundleSource } from './install.ts'
import { unpack } from './unpack.ts'

type Entry = {
  name: string
  type?: 'file' | 'directory' | 'symlink' | 'link' | 'character-device'
  mode?: number
  linkname?: string
  body?: Buffer
}

async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const tar = pack()
  for (const { body = Buffer.from(''), ...header } of entries) tar.entry(header, body)
  tar.finalize()
  const parts: Buffer[] = []
  for await (const part of tar) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

describe('installing a bundle', () => {
  let state: string
  let fetched: number
  beforeEach(async () => {
    state = await mkdtemp(join(tmpdir(), 'switchover-bundle-'))
    fetched = 0
  })
  afterEach(() => rm(state, { recursive: true, force: true }))

  function install(
    tar: Buffer,
    over: Partial<{ sum: string; packed: Buffer; revision: string }> = {},
  ): Promise<string> {
    const sum = over.sum ?? createHash('sha256').update(tar).digest('hex')
    const source: BundleSource = {
      checksum: () => Promise.resolve(`${sum}\n`),
      tarball: () => {
        fetched += 1
        return Promise.resolve(over.packed ?? gzipSync(tar))
      },
    }
    return installBundle(source, {
      stateDirectory: state,
      revision: over.revision ?? sum.slice(0, 12),
      tarBytesMax: bundleBytesMax * 2,
      signal: new AbortController().signal,
    })
  }

  test('unpacks files and directories, once', async () => {
    const tar = await tarOf([
      { name: 'conf/', type: 'directory' },
      { name: 'conf/nginx.conf', mode: 0o644, body: Buffer.from('events {}') },
      { name: './compose.yaml', body: Buffer.from('services: {}') },
    ])
    const directory = await install(tar)
    expect(await readFile(join(directory, 'conf/nginx.conf'), 'utf8')).toBe('events {}')
    expect(await readFile(join(directory, 'compose.yaml'), 'utf8')).toBe('services: {}')
    expect(await install(tar)).toBe(directory)
    expect(fetched).toBe(1)
  })

  test('makes the links that publishing packs, and none that another link could lead outside', async () => {
    const directory = await install(
      await tarOf([
        { name: 'app.ini', type: 'symlink', linkname: 'conf/app.ini' },
        { name: 'conf/app.ini', body: Buffer.from('a = 1') },
        { name: 'conf/here', type: 'symlink', linkname: '..' },
        { name: 'detour', type: 'symlink', linkname: 'conf/here/../app.ini' },
      ]),
    )
    expect(await readFile(join(directory, 'app.ini'), 'utf8')).toBe('a = 1')
    expect(await readlink(join(directory, 'conf/here'))).toBe('..')
    expect(await readlink(join(directory, 'detour'))).toBe('conf/app.ini')
  })

  test.each<[string, Entry[]]>([
    ['a name above it', [{ name: '../evil', body: Buffer.from('x') }]],
    ['a hidden name above it', [{ name: 'a/../../evil', body: Buffer.from('x') }]],
    ['an absolute name', [{ name: '/tmp/evil', body: Buffer.from('x') }]],
    ['a link to an absolute name', [{ name: 'link', type: 'symlink', linkname: '/etc' }]],
    ['a link that leads above it', [{ name: 'd/link', type: 'symlink', linkname: '../../x' }]],
    ['a link to nowhere', [{ name: 'link', type: 'symlink', linkname: '' }]],
    [
      'a file beneath a link',
      [
        { name: 'a', type: 'symlink', linkname: 'b' },
        { name: 'a/x', body: Buffer.from('x') },
      ],
    ],
    [
      'a link beneath a link',
      [
        { name: 'a', type: 'symlink', linkname: 'b' },
        { name: 'a/x', type: 'symlink', linkname: '../c' },
      ],
    ],
    ['a hard link', [{ name: 'link', type: 'link', linkname: '/etc/passwd' }]],
    ['a device', [{ name: 'null', type: 'character-device' }]],
    ['a name twice', [{ name: 'a' }, { name: 'a' }]],
    [
      'too many entries',
      Array.from({ length: bundleFilesMax + 1 }, (_, n) => ({ name: `d${n}/`, type: 'directory' as const })),
    ],
    ['too many bytes', [{ name: 'big', body: Buffer.alloc(bundleBytesMax + 1) }]],
  ])('refuses %s and leaves nothing behind', async (_, entries) => {
    await expect(install(await tarOf(entries))).rejects.toMatchObject({
      reason: { code: 'bundle-unsafe', kind: 'terminal' },
    })
    const left = (await readdir(join(state, 'bundles'))).filter((name) => !name.startsWith('.'))
    expect(left).toEqual([])
    expect(await readdir(state)).toEqual(['bundles'])
  })

  test('a disk that does not take it is no fault of the bundle', async () => {
    await expect(unpack(await tarOf([{ name: 'compose.yaml' }]), '/proc')).rejects.toMatchObject({
      code: 'ENOENT',
    })
    await writeFile(join(state, 'bundles'), '')
    await expect(install(await tarOf([{ name: 'compose.yaml' }]))).rejects.toMatchObject({
      reason: { code: 'disk-unusable', kind: 'retryable' },
    })
  })

  test.each([
    ['another hash', { sum: 'a'.repeat(64) }],
    ['a hash of another revision', { revision: 'ffffffffffff' }],
    ['what is no gzip', { packed: Buffer.from('no gzip') }],
    ['a cut gzip', { packed: gzipSync(Buffer.alloc(5_000, 'x')).subarray(0, 20) }],
    ['a gzip that grows without end', { packed: gzipSync(Buffer.alloc(bundleBytesMax * 2 + 1)) }],
  ])('refuses %s, for good at the third time', async (_, over) => {
    const tar = await tarOf([{ name: 'compose.yaml' }])
    await expect(install(tar, over)).rejects.toMatchObject({
      reason: { code: 'bundle-corrupt' },
      terminalAfter: 3,
    })
  })
})
