import { readFile } from 'node:fs/promises'
import type { BuildOptions, Plugin } from 'esbuild'

/** How our programs are bundled: for Node 24, what is loaded on demand in files of its own. */
export const bundleSettings = {
  bundle: true,
  // Without it nothing behind a dynamic import is shaken, and EC2's 700 operations would come along.
  splitting: true,
  metafile: true,
  outExtension: { '.js': '.mjs' },
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
