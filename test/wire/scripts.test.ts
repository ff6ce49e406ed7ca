import { execa } from 'execa'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/** What the documents say to run, in the small where the whole takes long. */

const root = fileURLToPath(new URL('../..', import.meta.url))

const small: [line: string, prints: RegExp][] = [
  ['simulate -- --worlds 2 --seed 1', /2 worlds, seeds 1 to 2, 0 broke a rule/],
  ['prove -- --command finish --at 3.1:after', /1 kill in .*: 0 not made good/],
  ['conformance -- sts', /STS {2}GetCallerIdentity/],
]
/** Their work is half an hour, or is done by other tests. */
const helped = ['bench', 'soak', 'release', 'pack', 'build:agent', 'render:user-data', 'render:policy']
/** Run as they stand by the test, or the step of `npm test`, that is named. */
const elsewhere: Readonly<Record<string, string>> = {
  rehearse: 'packages/rehearsal/test/rehearsal.wire.test.ts',
  check: 'test/run.ts',
  build: 'test/support/coordinator.ts',
  'render:stack': 'test/unit/cloudformation.test.ts',
  'render:ladders': 'test/unit/docs-tables.test.ts',
  // Needs a browser, and says so where there is none.
  'check:pages': 'test/pages/check.ts',
}

const script = (line: string) =>
  execa('npm', ['run', '--silent', ...line.split(' ')], { cwd: root, reject: false, stdin: 'ignore' })

test('every script that the documents name is run by a test', () => {
  const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
  const documents = ['README.md', 'CONTRIBUTING.md', ...pages.map((name) => `docs/${name}`)]
  const text = documents.map((name) => readFileSync(join(root, name), 'utf8')).join('\n')
  const named = [...text.matchAll(/npm run\s+(?:-s\s+)?([a-z][a-z:-]*[a-z])/g)].map(([, name = '']) => name)
  const known = [...small.map(([line]) => line.split(' ')[0]), ...helped, ...Object.keys(elsewhere)]
  expect([...new Set(named)].filter((name) => !known.includes(name))).toEqual([])
})

describe('each does what it says', () => {
  test.each(small)('npm run %s', async (line, prints) => {
    const { exitCode, stdout } = await script(line)
    expect(stdout).toMatch(prints)
    expect(exitCode).toBe(0)
  })

  test.each(helped)('npm run %s -- --help', async (name) => {
    const { exitCode, stdout, stderr } = await script(`${name} -- --help`)
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toContain(`npm run`)
    expect(stdout).toContain(name)
  })

  test.each(['bench', 'soak', 'prove', 'simulate', 'release', 'pack', 'build:agent'])(
    'npm run %s takes no flag it does not know',
    async (name) => {
      const { exitCode, stderr } = await script(`${name} -- --colour`)
      expect(stderr).toContain('--colour')
      expect(stderr).not.toMatch(/\n\s+at /)
      expect(exitCode).toBe(2)
    },
  )
})
