import { readFile } from 'node:fs/promises'
import type { BuildOptions, Plugin } from 'esbuild'

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
      setup.onResolve({ filter: /.*/ }, ({ path, namespace }) => {
        if (!isOne(path)) return undefined
        return namespace === 'required' ? { path, external: true } : { path, namespace: 'required' }
      })
      setup.onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
        contents: `module.exports = require(${JSON.stringify(path)})`,
        loader: 'js',
      }))
    },
  }
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
