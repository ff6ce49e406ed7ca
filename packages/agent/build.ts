/**
 * Builds the agent's tarballs: Node, the bundled program, the units.
 * `node packages/agent/build.ts [--arch x64|arm64]... [--out DIR]`. The same sources and dependencies give the same bytes.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { build } from 'esbuild'
import { pack } from 'tar-stream'
import { type Arch, nodeBinary } from './node-binary.ts'
import manifest from './package.json' with { type: 'json' }

const root = fileURLToPath(new URL('../..', import.meta.url))
const archs: readonly Arch[] = ['x64', 'arm64']

type File = { name: string; content: Buffer; executable: boolean }

/** dockerode reaches engines over SSH and builds images over gRPC, zod speaks fifty languages; the agent does neither. */
const absent = [
  'ssh2',
  'cpu-features',
  '@grpc/grpc-js',
  '@grpc/proto-loader',
  'protobufjs',
  '../locales/index.js',
]

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

/** The program, and what of it is loaded only when it is needed. */
async function bundle(): Promise<File[]> {
  const result = await build({
    // Paths inside the bundle are relative to it.
    absWorkingDir: root,
    entryPoints: { agent: fileURLToPath(new URL('src/main.ts', import.meta.url)) },
    bundle: true,
    splitting: true,
    write: false,
    outdir: root,
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
        // An ES module that imports a part of Node reads all it exports, and http's exports hold 15 MB of undici.
        name: 'required',
        setup(setup) {
          setup.onResolve({ filter: /.*/ }, ({ path, namespace }) => {
            if (!isBuiltin(path)) return undefined
            return namespace === 'required' ? { path, external: true } : { path, namespace: 'required' }
          })
          setup.onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
            contents: `module.exports = require(${JSON.stringify(path)})`,
            loader: 'js',
          }))
        },
      },
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
      name: relative(root, path),
      content: Buffer.from(contents),
      executable: false,
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

async function plain(name: string, path: string): Promise<File> {
  return { name, content: await readFile(join(root, path)), executable: false }
}

async function files(arch: Arch, program: readonly File[]): Promise<File[]> {
  const units = (await readdir(join(root, 'systemd'))).toSorted()
  return [
    { name: 'VERSION', content: Buffer.from(`${manifest.version}\n`), executable: false },
    await plain('LICENSE', 'LICENSE'),
    ...program,
    { name: 'bin/node', content: await nodeBinary(arch), executable: true },
    { name: 'switchover-agent', content: Buffer.from(launcher), executable: true },
    ...(await Promise.all(units.map((unit) => plain(`systemd/${unit}`, `systemd/${unit}`)))),
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

const { values } = parseArgs({
  options: {
    arch: { type: 'string', multiple: true, default: [...archs] },
    out: { type: 'string', default: join(root, 'dist', 'agent') },
  },
})
const unknown = values.arch.find((name) => !archs.some((arch) => arch === name))
if (unknown !== undefined) throw new RangeError(`There is no agent for ${unknown}: give x64 or arm64.`)
const program = await bundle()
await mkdir(values.out, { recursive: true })
const wanted = archs.filter((arch) => values.arch.includes(arch))
await Promise.all(
  wanted.map(async (arch) => {
    const packed = await tarball(await files(arch, program))
    const sha256 = createHash('sha256').update(packed).digest('hex')
    const path = join(values.out, `switchover-agent-linux-${arch}`)
    await writeFile(`${path}.tar.gz`, packed)
    await writeFile(`${path}.sha256`, `${sha256}\n`)
    process.stdout.write(`${path}.tar.gz ${manifest.version} ${sha256} (${packed.length} bytes)\n`)
  }),
)
