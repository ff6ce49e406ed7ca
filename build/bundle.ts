import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { BuildOptions, Plugin } from 'esbuild'

const require = createRequire(import.meta.url)

/** How our programs are bundled: for Node 24, what is loaded on demand in files of its own. */
export const bundleSettings = {
  bundle: true,
  // Without it nothing behind a dynamic import is shaken, and EC2's 700 operations would come along.
  splitting: true,
  metafile: true,
  outExtension: { '.js': '.mjs' },
  // CommonJS is taken whole or not at all.
  mainFields: ['module', 'main'],
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
} satisfies BuildOptions

/**
 * The SDK describes the shapes of all operations in lists with computed keys, which esbuild takes for side effects and keeps.
 * Made by a function that is called out to be pure, a list that nobody uses goes.
 */
export const unusedShapes: Plugin = {
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

/**
 * Loads these parts of Node as CommonJS does: an ES module that imports one reads all it exports, and http's exports hold all
 * of undici.
 */
export function required(isOne: (path: string) => boolean): Plugin {
  return {
    name: 'required',
    setup(setup) {
      setup.onResolve({ filter: /.*/ }, ({ path, kind }) => {
        if (!isOne(path)) return undefined
        if (kind === 'require-call') return { path, external: true }
        return { path, namespace: kind === 'dynamic-import' ? 'required-late' : 'required' }
      })
      setup.onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
        contents: `module.exports = require(${JSON.stringify(path)})`,
      }))
      // A dynamic import sees the names that are exported, and of a module that was required the default alone.
      setup.onLoad({ filter: /.*/, namespace: 'required-late' }, ({ path }) => ({
        contents: `const it = require(${JSON.stringify(path)})
export default it
export const { ${readyExports(path).join(', ')} } = it`,
      }))
    },
  }
}

/** What a part of Node exports without loading more for it. */
function readyExports(path: string): string[] {
  const exported: unknown = require(path)
  return Object.entries(Object.getOwnPropertyDescriptors(exported)).flatMap(([name, property]) =>
    'value' in property && /^[A-Za-z]\w*$/.test(name) ? [name] : [],
  )
}

/** Lets a bundle know the commit it is built from, as a packed manifest would: npm's `gitHead`. */
export function stamp(commit: string | null): Plugin {
  return {
    name: 'stamp',
    setup(setup) {
      setup.onLoad({ filter: /[/\\]contract[/\\]package\.json$/ }, async ({ path }) => {
        const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string }
        const stamped = { version, ...(commit === null ? {} : { gitHead: commit }) }
        return { contents: JSON.stringify(stamped), loader: 'json' }
      })
    },
  }
}
