/**
 * Builds the agent's tarball: Node, the bundled program, the units. `node packages/agent/build.ts [--arch x64|arm64]`.
 * The same sources and dependencies give the same bytes.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { build } from 'esbuild'
import { pack } from 'tar-stream'
import manifest from './package.json' with { type: 'json' }

const root = fileURLToPath(new URL('../..', import.meta.url))
const out = join(root, 'dist', 'agent')
const archs = ['x64', 'arm64'] as const
type Arch = (typeof archs)[number]

type File = { name: string; content: Buffer; executable: boolean }

/** dockerode reaches engines over SSH and builds images over gRPC; the agent does neither. */
const absent = ['ssh2', 'cpu-features', '@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs']

const launcher = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec "$here/bin/node" --max-old-space-size=192 "$here/agent.mjs" "$@"
`

/** The program, and what of it is loaded only when it is needed. */
async function bundle(): Promise<File[]> {
  const result = await build({
    entryPoints: { agent: fileURLToPath(new URL('src/main.ts', import.meta.url)) },
    bundle: true,
    splitting: true,
    write: false,
    outdir: out,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'lib/[name]-[hash]',
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
    // CommonJS inside an ES module needs a require of its own.
    banner: {
      js: `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);`,
    },
    plugins: [
      {
        name: 'absent',
        setup(setup) {
          setup.onResolve({ filter: /.*/ }, ({ path }) =>
            absent.includes(path) ? { path, namespace: 'absent' } : undefined,
          )
          setup.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({
            contents: 'module.exports = {}',
            loader: 'js',
          }))
        },
      },
    ],
  })
  return result.outputFiles
    .map(({ path, contents }) => ({
      name: relative(out, path),
      content: Buffer.from(contents),
      executable: false,
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** Node as the package registry carries it; another architecture's package has to be installed first. */
async function nodeBinary(arch: Arch): Promise<Buffer> {
  const require = createRequire(import.meta.url)
  const candidates = [
    `node-linux-${arch}/package.json`,
    ...(arch === process.arch ? ['node/package.json'] : []),
  ]
  for (const candidate of candidates) {
    try {
      return await readFile(join(dirname(require.resolve(candidate)), 'bin', 'node'))
    } catch {
      continue
    }
  }
  throw new Error(
    `No Node for ${arch}: npm install --no-save --force node-linux-${arch}@${process.versions.node}`,
  )
}

async function plain(name: string, path: string): Promise<File> {
  return { name, content: await readFile(join(root, path)), executable: false }
}

async function files(arch: Arch): Promise<File[]> {
  return [
    { name: 'VERSION', content: Buffer.from(`${manifest.version}\n`), executable: false },
    await plain('LICENSE', 'LICENSE'),
    ...(await bundle()),
    { name: 'bin/node', content: await nodeBinary(arch), executable: true },
    { name: 'switchover-agent', content: Buffer.from(launcher), executable: true },
    await plain('systemd/switchover-agent.service', 'systemd/switchover-agent.service'),
    await plain('systemd/switchover-agent.socket', 'systemd/switchover-agent.socket'),
  ]
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

const { values } = parseArgs({ options: { arch: { type: 'string', default: process.arch } } })
const arch = archs.find((name) => name === values.arch)
if (!arch) throw new RangeError(`There is no agent for ${values.arch}: give x64 or arm64.`)
const packed = await tarball(await files(arch))
const sha256 = createHash('sha256').update(packed).digest('hex')
const name = `switchover-agent-linux-${arch}`
await mkdir(out, { recursive: true })
await writeFile(join(out, `${name}.tar.gz`), packed)
await writeFile(join(out, `${name}.sha256`), `${sha256}\n`)
process.stdout.write(`dist/agent/${name}.tar.gz ${manifest.version} ${sha256} (${packed.length} bytes)\n`)
