import { isBuiltin } from 'node:module'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { bundleSettings, required, stamp, unusedShapes } from '../../build/bundle.ts'
import { type Component, componentsOf } from '../../build/components.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export type File = { name: string; content: Buffer; executable: boolean }
/** The program, and what of others is in it. */
export type Bundle = { files: File[]; components: Component[] }

/** dockerode reaches engines over SSH and builds images from files, zod speaks fifty languages; the agent does neither. */
const absent = [
  'tar-fs',
  '@balena/dockerignore',
  'ssh2',
  'cpu-features',
  '@grpc/grpc-js',
  '@grpc/proto-loader',
  'protobufjs',
  '../locales/index.js',
]

/** The program, and what of it is loaded only when it is needed. */
export async function bundleAgent(commit: string | null): Promise<Bundle> {
  const result = await build({
    // Paths inside the bundle are relative to it.
    absWorkingDir: root,
    entryPoints: { agent: fileURLToPath(new URL('src/main.ts', import.meta.url)) },
    ...bundleSettings,
    write: false,
    outdir: root,
    chunkNames: 'lib/[name]-[hash]',
    // What dockerode attaches to a container with is Node's own stream, made for older Nodes, too.
    alias: { 'readable-stream': 'node:stream' },
    plugins: [
      unusedShapes,
      required(isBuiltin),
      stamp(commit),
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
  const files = result.outputFiles
    .map(({ path, contents }) => ({
      name: relative(root, path),
      content: Buffer.from(contents),
      executable: false,
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return { files, components: await componentsOf(result.metafile, root) }
}
