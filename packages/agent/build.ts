/**
 * Builds the agent's tarballs: Node, the bundled program, the units, the licences of others.
 * `node packages/agent/build.ts [--arch x64|arm64]... [--out DIR]`. Beside each lie its SHA-256 and its bill of materials
 * (CycloneDX). The same commit and dependencies give the same bytes.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { version } from '@switchover/contract/version'
import { pack } from 'tar-stream'
import { sourceCommit } from '../../build/commit.ts'
import { type Component, licencesText } from '../../build/components.ts'
import { readOptions } from '../../build/options.ts'
import { billOfMaterials } from '../../build/sbom.ts'
import { type Bundle, bundleAgent, type File } from './bundle.ts'
import { type Arch, nodeBinary } from './node-binary.ts'
import pinnedNode from './node-binaries.json' with { type: 'json' }

const root = fileURLToPath(new URL('../..', import.meta.url))
const archs: readonly Arch[] = ['x64', 'arm64']

const usage = `npm run build:agent [-- --arch x64|arm64]... [--out DIR]

Builds the agent's tarballs into DIR (dist/agent), for both architectures where none is given, each beside its SHA-256 and its
bill of materials. Prints version and SHA-256 of each.
`

/** A machine's memory is its app's: the heap stays small, and no code is made faster at the price of memory. */
const nodeFlags = [
  '--max-old-space-size=192',
  '--max-semi-space-size=1',
  '--optimize-for-size',
  '--no-opt',
  '--no-maglev',
]

const launcher = `#!/bin/sh
here=\${0%/*}
[ ! -L "$0" ] || here=$(dirname "$(readlink -f "$0")")
exec "$here/bin/node" ${nodeFlags.join(' ')} "$here/agent.mjs" "$@"
`

async function plain(name: string, path: string): Promise<File> {
  return { name, content: await readFile(join(root, path)), executable: false }
}

async function files(arch: Arch, { files, components }: Bundle): Promise<File[]> {
  const units = (await readdir(join(root, 'systemd'))).toSorted()
  const licences = Buffer.from(licencesText(components))
  return [
    { name: 'VERSION', content: Buffer.from(`${version}\n`), executable: false },
    await plain('LICENSE', 'LICENSE'),
    { name: 'THIRD-PARTY-LICENCES', content: licences, executable: false },
    ...files,
    { name: 'bin/node', content: await nodeBinary(arch), executable: true },
    { name: 'switchover-agent', content: Buffer.from(launcher), executable: true },
    ...(await Promise.all(units.map((unit) => plain(`systemd/${unit}`, `systemd/${unit}`)))),
  ]
}

/** What the tarball of one architecture is made of. */
function bill(arch: Arch, components: readonly Component[], commit: string | null): string {
  const { version: node, sha256 } = pinnedNode
  return billOfMaterials({ name: '@switchover/agent', version, commit }, components, [
    {
      name: 'node',
      version: node,
      sha256: sha256[arch],
      licence: 'MIT',
      address: `https://github.com/nodejs/node/blob/v${node}/LICENSE`,
    },
  ])
}

async function tarball(rows: readonly File[]): Promise<Buffer> {
  const tar = pack()
  for (const { name, content, executable } of rows) {
    const header = { name, mode: executable ? 0o755 : 0o644, uid: 0, gid: 0, uname: 'root', gname: 'root' }
    tar.entry({ ...header, mtime: new Date(0) }, content)
  }
  tar.finalize()
  const parts: Uint8Array[] = []
  for await (const part of tar) parts.push(part as Uint8Array)
  return promisify(gzip)(Buffer.concat(parts), { level: 6 })
}

async function main(): Promise<void> {
  const values = readOptions(usage, {
    arch: { type: 'string', multiple: true, default: [...archs] },
    out: { type: 'string', default: join(root, 'dist', 'agent') },
  })
  if (values === null) return
  const unknown = values.arch.find((name) => !archs.some((arch) => arch === name))
  if (unknown !== undefined) {
    process.stderr.write(`There is no agent for ${unknown}: give x64 or arm64.\n`)
    process.exitCode = 2
    return
  }
  const commit = await sourceCommit()
  const program = await bundleAgent(commit)
  await mkdir(values.out, { recursive: true })
  const wanted = archs.filter((arch) => values.arch.includes(arch))
  await Promise.all(
    wanted.map(async (arch) => {
      const packed = await tarball(await files(arch, program))
      const sha256 = createHash('sha256').update(packed).digest('hex')
      const path = join(values.out, `switchover-agent-linux-${arch}`)
      await writeFile(`${path}.tar.gz`, packed)
      await writeFile(`${path}.sha256`, `${sha256}\n`)
      await writeFile(`${path}.cdx.json`, bill(arch, program.components, commit))
      process.stdout.write(`${path}.tar.gz ${version} ${sha256} (${packed.length} bytes)\n`)
    }),
  )
}

await main()
