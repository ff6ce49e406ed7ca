/**
 * The release checklist: `npm run release`. It checks and builds, writes everything to dist/, prints the commands that publish,
 * and publishes nothing itself. Exit code 1 where a step failed, 2 for bad usage.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { version } from '@switchover/contract/version'
import { sourceCommit } from './commit.ts'
import { readOptions } from './options.ts'
import { packAll } from './pack.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const usage = `npm run release [-- --no-tests]

Goes through what a release needs, and prints the commands that publish it. Nothing is published.

  --no-tests   leave out the whole test suite: its last run on this commit was seen elsewhere
  --help       this help

The version is the one in packages/contract/package.json, and nowhere else.
`

/** What was found to be right, in a few words; a step that finds something wrong throws one sentence. */
type Step = { what: string; check: () => Promise<string> }

function steps(tests: boolean): Step[] {
  return [
    { what: 'Everything is committed', check: committed },
    { what: 'The version is new', check: untagged },
    { what: 'CHANGELOG.md has its date', check: dated },
    { what: 'Format, lint, types, dead code', check: () => run('npm', ['run', '--silent', 'check'], 10) },
    ...(tests ? [{ what: 'Every test', check: () => run('npm', ['test'], 40) }] : []),
    { what: 'The agent, for both architectures', check: agents },
    { what: 'The packages for npm', check: packages },
  ]
}

async function committed(): Promise<string> {
  const commit = await sourceCommit()
  if (commit === null) throw new Error('This is no checkout of git.')
  if (commit.endsWith('-dirty')) throw new Error('Files differ from the commit: git status.')
  return commit
}

async function untagged(): Promise<string> {
  const { stdout } = await execa('git', ['tag', '--list', `v${version}`], { cwd: root })
  if (stdout !== '')
    throw new Error(
      `The tag v${version} is there already: raise the version in packages/contract/package.json.`,
    )
  return version
}

async function dated(): Promise<string> {
  const text = await readFile(join(root, 'CHANGELOG.md'), 'utf8')
  const heading = text.split('\n').find((line) => line.startsWith(`## ${version} `))
  if (heading === undefined) throw new Error(`There is no heading "## ${version} (DATE)".`)
  if (!/\(\d{4}-\d{2}-\d{2}\)$/.test(heading)) throw new Error(`"${heading}" has no date.`)
  return heading.slice(3)
}

async function agents(): Promise<string> {
  await run(process.execPath, [join(root, 'packages/agent/build.ts')], 10)
  return 'dist/agent: tarballs, SHA-256, bills of materials'
}

async function packages(): Promise<string> {
  const tarballs = await packAll(join(root, 'dist/npm'))
  return `dist/npm: ${[...tarballs.keys()].join(', ')}`
}

/** @param minutes after which it is given up */
async function run(command: string, args: readonly string[], minutes: number): Promise<string> {
  const { failed, all } = await execa(command, args, {
    cwd: root,
    stdin: 'ignore',
    reject: false,
    all: true,
    timeout: minutes * 60_000,
  })
  if (failed)
    throw new Error(`${[command, ...args].join(' ')} failed:\n${all.split('\n').slice(-30).join('\n')}`)
  return 'done'
}

const byHand = `
By hand, in this order:
  git tag --annotate v${version} --message 'Switchover ${version}' && git push origin v${version}
  for package in contract bootstrap local-aws agent coordinator rehearsal; do npm publish --access public dist/npm/switchover-$package-${version}.tgz; done
  put dist/agent/* beside the tag; each store gets its own by: switchover publish --agent FILE --store s3://BUCKET/PREFIX
`

async function main(): Promise<void> {
  const values = readOptions(usage, { tests: { type: 'boolean', default: true } })
  if (values === null) return
  const all = steps(values.tests)
  let failures = 0
  for (const { what, check } of all) {
    process.stdout.write(`${what} … `)
    try {
      process.stdout.write(`✓ ${await check()}\n`)
    } catch (error) {
      failures += 1
      process.stdout.write(`✗ ${(error as Error).message}\n`)
    }
  }
  process.stdout.write(
    failures === 0 ? byHand : `\n${failures} of ${all.length} steps failed: not to be released.\n`,
  )
  process.exitCode = failures === 0 ? 0 : 1
}

await main()
