import { glob, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const notOurs = new Set(['node_modules', 'dist', '.git', '.cache'])

test('shellcheck finds nothing in any shell script, and what it is told to leave is explained', async () => {
  const scripts = await shellScripts()
  expect(scripts).toEqual(expect.arrayContaining(['.ci/run', 'bootstrap/install.sh']))
  const { all } = await execa('shellcheck', scripts, {
    cwd: root,
    reject: false,
    all: true,
  })
  expect(all).toBe('')
  for (const script of scripts) {
    const text = await readFile(join(root, script), 'utf8')
    const directives = text.match(/# shellcheck .*/g) ?? []
    expect(directives.filter((directive) => !/=\S+ # \w/.test(directive))).toEqual([])
  }
})

/** Files that begin like one, relative to the root. */
async function shellScripts(): Promise<string[]> {
  const found: string[] = []
  for await (const entry of glob(['**', '.ci/**'], {
    cwd: root,
    exclude: ({ name }) => notOurs.has(name),
    withFileTypes: true,
  })) {
    if (!entry.isFile() || /\.(ts|js|json|md)$/.test(entry.name)) continue
    const path = join(entry.parentPath, entry.name)
    const text = await readFile(path, 'latin1')
    if (/^#!\/(usr\/)?bin\/(env )?(ba)?sh\b/.test(text)) found.push(relative(root, path))
  }
  return found.toSorted()
}
