import { execa } from 'execa'
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { optionsOf as benchOptions } from '../bench/options.ts'
import { subjects } from '../prove/commands.ts'
import { optionsOf as proveOptions } from '../prove/options.ts'
import { optionsOf as soakOptions } from '../soak/options.ts'
import { documentedLines } from '../support/command-lines.ts'
import { read, root } from '../support/documents.ts'

/** What the documents say to run by npm, in the small where the whole takes long. */

type Words = readonly string[]

/**
 * `prints`: what it says when it has done its work, which may also be that a target of real time was missed. `whole`: its line
 * as it stands, where that takes too long, for the script's own parser.
 */
type Way =
  | { as: Words; prints: RegExp; measures?: true; whole?: () => unknown }
  | { parse: () => unknown }
  | { elsewhere: string }
  | { help: Words }

const rows = 'packages/local-aws/test/conformance'

/** Asks for the cheapest rows, in place of a service and an operation that are there. */
function conformance(args: Words): Words {
  const flag = args.indexOf('-t')
  const services = flag < 0 ? args : args.slice(0, flag)
  for (const name of services) expect(existsSync(join(root, rows, `${name}.test.ts`)), name).toBe(true)
  if (flag < 0) return ['sts']
  const operation = (args[flag + 1] ?? '').replaceAll(/(?<!^)(?=[A-Z])/g, '-').toLowerCase()
  expect(globSync(`${rows}/*/${operation}.ts`, { cwd: root }), operation).toHaveLength(1)
  return ['sts', '-t', 'GetCallerIdentity']
}

const policy =
  'instance-role --service web --store s3://example-releases/switchover --account 123456789012 --region us-east-1 --repository web'
const userData = `--store s3://example-releases/switchover --agent-version 0.1.0 --sha256-x64 ${'0'.repeat(64)}`

/** How each script is run, by its name. */
const ways: Readonly<Record<string, (args: Words) => Way>> = {
  simulate: () => ({
    as: ['--worlds', '2', '--seed', '1'],
    prints: /2 worlds, seeds 1 to 2, 0 broke a rule/,
  }),
  // Kills for half an hour: test/wire/kill.test.ts does so at the changing calls.
  prove: (args) =>
    args.includes('--at')
      ? { as: args, prints: /1 kill in .*: 0 not made good/ }
      : { parse: () => proveOptions(args, Object.keys(subjects)) },
  conformance: (args) => ({ as: conformance(args), prints: /STS {2}GetCallerIdentity/ }),
  bench: (args) =>
    args.includes('--help')
      ? { help: [] }
      : {
          as: ['--only', 'agent', '--rounds', '1'],
          prints: /^the agent, start to first request .*\n.*^memory of an idle agent /ms,
          measures: true,
          whole: () => benchOptions(args),
        },
  soak: (args) => ({
    as: ['--cycles', '4'],
    prints: /^4 deployments, 2 rolled back, 2 finished/m,
    measures: true,
    whole: () => soakOptions(args),
  }),
  'render:policy': (args) =>
    args.includes('--help') ? { help: [] } : { as: policy.split(' '), prints: /"Version": "2012-10-17"/ },
  'render:user-data': (args) =>
    args.includes('--help') ? { help: [] } : { as: userData.split(' '), prints: /^#cloud-config/ },
  // Wants everything committed.
  release: (args) => ({ help: args }),
  // Is a test itself, of what a browser makes of pages, and wants one.
  'check:pages': (args) => ({ help: args }),
  check: () => ({ elsewhere: 'test/run.ts' }),
  build: () => ({ elsewhere: 'test/support/coordinator.ts' }),
  'build:agent': () => ({ elsewhere: 'packages/agent/test/build.engine.test.ts' }),
  pack: () => ({ elsewhere: 'test/engine/packages.test.ts' }),
  'render:stack': () => ({ elsewhere: 'test/unit/cloudformation.test.ts' }),
  'render:ladders': () => ({ elsewhere: 'test/unit/docs-ladders.test.ts' }),
}

const script = (name: string, args: Words = []) =>
  execa('npm', ['run', '--silent', name, '--', ...args], { cwd: root, reject: false, stdin: 'ignore' })

const lines = documentedLines('npm run')
  .map(({ words, documents }) => ({ words: words.filter((word) => word !== '--'), documents }))
  // docs-programs.test.ts.
  .filter(({ words: [name] }) => name !== 'rehearse')

/** Lines that come to the same are run once. */
const runs = new Map<string, () => Promise<void>>()
for (const {
  words: [name = '', ...args],
  documents,
} of lines) {
  const way = ways[name]?.(args)
  const line = `npm run ${name} -- ${args.join(' ')} (${documents.join(' ')})`
  if (way === undefined) runs.set(line, () => expect.fail('Nothing is known of this script.'))
  else if ('as' in way) {
    if (way.whole) runs.set(`${line}: its arguments`, async () => expect(way.whole?.()).not.toBeNull())
    runs.set(`npm run ${name} -- ${way.as.join(' ')}`, () => works(name, way.as, way))
  } else if ('help' in way) runs.set(`npm run ${name} -- --help`, () => helps(name, way.help))
  else if ('parse' in way) runs.set(line, async () => expect(way.parse()).not.toBeNull())
  else runs.set(`${line}: ${way.elsewhere}`, async () => isRunBy(name, way.elsewhere))
}

/** How the head of a table that a document shows begins. */
const heads: Readonly<Record<string, readonly [document: string, head: RegExp]>> = {
  prove: ['docs/proof.md', /^command .*$/m],
  conformance: ['docs/conformance.md', /^Conformance rows .*$/m],
}

const spaced = (text: string) => text.replaceAll(/ +/g, ' ')

async function works(
  name: string,
  args: Words,
  { prints, measures = false }: { prints: RegExp; measures?: boolean },
): Promise<void> {
  const { exitCode, stdout, stderr } = await script(name, args)
  expect(stdout, stderr).toMatch(prints)
  expect(measures ? [0, 1] : [0]).toContain(exitCode)
  const [document, head] = heads[name] ?? []
  if (document === undefined || head === undefined) return
  expect(spaced(stdout)).toContain(spaced(head.exec(read(document))?.[0] ?? 'no such head'))
}

async function helps(name: string, flags: Words): Promise<void> {
  const { exitCode, stdout, stderr } = await script(name, ['--help'])
  expect([exitCode, stderr]).toEqual([0, ''])
  for (const word of ['npm run', name, ...flags.filter((word) => word.startsWith('-'))])
    expect(stdout).toContain(word)
}

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }

/** The test, or the step of `npm test`, starts or imports the script's file; of a script of scripts, has its name. */
function isRunBy(name: string, test: string): void {
  const file = /^node (\S+)$/.exec(scripts[name] ?? '')?.[1]
  expect(read(test)).toContain(file ?? `'${name}'`)
}

describe('the documents', () => {
  test.each([...runs])('%s', (_, run) => run())
})

test.each(['bench', 'soak', 'prove', 'simulate', 'release', 'pack', 'build:agent'])(
  'npm run %s takes no flag it does not know',
  async (name) => {
    const { exitCode, stderr } = await script(name, ['--colour'])
    expect(stderr).toContain('--colour')
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(exitCode).toBe(2)
  },
)
