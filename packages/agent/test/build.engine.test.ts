import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { execa } from 'execa'
import { extract } from 'tar-stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { version } from '@switchover/contract/version'

const root = fileURLToPath(new URL('../../..', import.meta.url))
/** ELF's names of architectures (elf.h, e_machine). */
const machines = { x64: 62, arm64: 183 } as const
const archs = ['x64', 'arm64'] as const
const own = process.arch === 'arm64' ? 'arm64' : 'x64'

type Entry = { mode: number; owner: string; mtime: number; content: Buffer }

/** Needs the package registry: for the Node of the other architecture. */
describe('the build of the agent', () => {
  let directory: string
  const file = (out: string, arch: string, ending: string) =>
    join(directory, out, `switchover-agent-linux-${arch}.${ending}`)

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'switchover-build-'))
    await build('first')
  })
  afterAll(() => rm(directory, { recursive: true }))

  /** `before` is what a shell does first. */
  function build(out: string, options: readonly string[] = [], before = 'true') {
    const args = [join(root, 'packages/agent/build.ts'), '--out', join(directory, out), ...options]
    return execa('sh', ['-c', `${before}; exec "$@"`, 'sh', process.execPath, ...args], { stdin: 'ignore' })
  }

  describe.each(archs)('for %s', (arch) => {
    let tarball: Buffer
    let entries: Map<string, Entry>

    beforeAll(async () => {
      tarball = await readFile(file('first', arch, 'tar.gz'))
      entries = await unpack(tarball)
    })
    const content = (name: string) => entries.get(name)?.content ?? Buffer.of()

    test('holds Node, the agent and the units, as root and for anyone to read', async () => {
      const units = (await readdir(join(root, 'systemd'))).map((unit) => `systemd/${unit}`)
      const names = [
        'LICENSE',
        'THIRD-PARTY-LICENCES',
        'VERSION',
        'agent.mjs',
        'bin/node',
        'switchover-agent',
        ...units,
      ]
      const found = [...entries.keys()].filter((name) => !/^lib\/[\w.-]+\.mjs$/.test(name))
      expect(found.toSorted()).toEqual(names.toSorted())
      for (const [name, entry] of entries) {
        const mode = ['bin/node', 'switchover-agent'].includes(name) ? 0o755 : 0o644
        expect([name, entry.mode, entry.owner, entry.mtime]).toEqual([name, mode, '0:0 root:root', 0])
      }
      for (const unit of units) expect(content(unit)).toEqual(await readFile(join(root, unit)))
      expect(content('VERSION').toString()).toBe(`${version}\n`)
    })

    test('has a Node of that architecture, which needs no newer glibc than the installer asks for', async () => {
      const node = content('bin/node')
      expect(node.subarray(0, 6).toString('latin1')).toBe('\x7fELF\x02\x01')
      expect(node.readUInt16LE(18)).toBe(machines[arch])
      const needed = [...node.toString('latin1').matchAll(/\0GLIBC_2\.(\d+)(?=[\0.])/g)]
      const newest = Math.max(...needed.map(([, minor]) => Number(minor)))
      const installer = await readFile(join(root, 'bootstrap/install.sh'), 'utf8')
      expect(/at_least 2\.(\d+) "\$\{glibc/.exec(installer)?.[1]).toBe(String(newest))
    })

    test('lies beside its checksum', async () => {
      const sum = createHash('sha256').update(tarball).digest('hex')
      expect(await readFile(file('first', arch, 'sha256'), 'utf8')).toBe(`${sum}\n`)
    })
  })

  test('names no place of the machine it was built on, and is the same bytes when built again; it runs', async () => {
    const entries = await unpack(await readFile(file('first', own, 'tar.gz')))
    const naming = [...entries].filter(([name, { content }]) => name !== 'bin/node' && content.includes(root))
    expect(naming).toEqual([])
    await build('again', ['--arch', own], 'umask 077; cd /; export TZ=Pacific/Auckland LC_ALL=C')
    const sums = await Promise.all(
      ['first', 'again'].map((out) => readFile(file(out, own, 'sha256'), 'utf8')),
    )
    expect(sums[1]).toBe(sums[0])

    const bin = join(directory, 'unpacked')
    await mkdir(bin)
    await execa('tar', ['-xzf', file('again', own, 'tar.gz'), '-C', bin])
    const { stdout } = await execa(join(bin, 'switchover-agent'), ['--version'])
    expect(stdout).toMatch(new RegExp(`^${RegExp.escape(version)}( \\(commit [0-9a-f]{7,}(-dirty)?\\))?$`))
  })
})

async function unpack(tarball: Buffer): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>()
  const reader = Readable.from([gunzipSync(tarball)]).pipe(extract())
  for await (const entry of reader) {
    const { name, mode, uid, gid, uname, gname, mtime } = entry.header
    const owner = `${uid}:${gid} ${uname}:${gname}`
    entries.set(name, { mode, owner, mtime: mtime?.getTime() ?? -1, content: await buffer(entry) })
  }
  return entries
}
