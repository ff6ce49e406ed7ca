import { execa } from 'execa'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { passedOn } from '@switchover/coordinator/cli/passed-on'
import { documentedLines, type Documented } from '../support/command-lines.ts'
import { read, root } from '../support/documents.ts'

/**
 * Every line of the documents for a program that is a process of its own: the agent, the local AWS, the rehearsal. The
 * coordinator's commands: test/unit/docs-commands.test.ts; scripts: scripts.test.ts.
 */

const program = (name: string, words: readonly string[]) =>
  execa(process.execPath, [join(root, `packages/${name}/src/main.ts`), ...words], {
    cwd: join(root, 'bootstrap/example/web'),
    // A port where no agent answers, whatever runs on this machine.
    env: { SWITCHOVER_PORT: '9' },
    reject: false,
    stdin: 'ignore',
  })

const named = ({ words, documents }: Documented, of: string) =>
  [`${of} ${words.join(' ')}`, documents.join(' '), words] as const

/** Of the agent's commands, by the file they take: what they end with and print here. That it runs is the machine suite's. */
const answers: Readonly<Record<string, readonly [exitCode: number, prints: RegExp]>> = {
  '--help': [0, /^switchover-agent .*: the on-instance agent/],
  status: [2, /^No agent answers on port 9 /],
  check: [0, /web.*health/s],
}

const asked = ([name = '--help', ...rest]: readonly string[]) =>
  name === 'check' && rest.length === 0 ? [name, 'compose.yaml'] : [name, ...rest]

test.each(documentedLines('switchover-agent', asked).map((line) => named(line, 'switchover-agent')))(
  '%s (%s)',
  async (_line, _documents, words) => {
    const { exitCode, stdout, stderr } = await program('agent', words)
    const [code, prints] = answers[words[0] ?? ''] ?? expect.fail('Nothing is known of this command.')
    expect(stdout + stderr).toMatch(prints)
    expect(exitCode).toBe(code)
  },
)

const passed = documentedLines('switchover').filter(({ words: [name = ''] }) => Object.hasOwn(passedOn, name))

const local = passed.filter(({ words: [name] }) => name === 'local-aws')
test.each(local.map((line) => named(line, 'switchover')))('%s (%s)', async (_line, _documents, words) => {
  const here = words.map((word) => word.replace('=bootstrap/', `=${root}bootstrap/`))
  const running = program('coordinator', [...here, '--port', '0'])
  const [first] = (await once(running.stdout, 'data')) as [Buffer]
  running.kill('SIGTERM')
  const { exitCode, stderr } = await running
  expect(first.toString(), stderr).toContain('export AWS_ENDPOINT_URL=')
  expect(exitCode).toBe(0)
})

/** The tests that rehearse, by the flags of the line: a minute each, and run by every `npm test` where this machine can. */
const rehearsed: Readonly<Record<string, string>> = {
  '': 'test/machine/rehearsal.test.ts',
  '--no-install': 'test/machine/rehearsal.test.ts',
  '--virtual': 'packages/rehearsal/test/rehearsal.wire.test.ts',
  '--scenario': 'packages/rehearsal/test/rehearsal.wire.test.ts',
  '--virtual --scenario --report': 'packages/rehearsal/test/rehearsal.wire.test.ts',
  '--like': 'packages/rehearsal/test/like.wire.test.ts',
  '--agent': 'test/engine/packages.test.ts',
}

const rehearsals = [
  ...passed.map(({ words, documents }) => ({ words: [...words], documents })),
  ...documentedLines('npm run').map(({ words, documents }) => ({
    words: words.filter((word) => word !== '--'),
    documents,
  })),
].filter(({ words: [name] }) => name === 'rehearse')

test.each(rehearsals.map((line) => named(line, '')))(
  '%s (%s) is rehearsed by a test',
  (_line, _documents, [, ...given]) => {
    const flags = given.filter((word) => word.startsWith('--'))
    const file = rehearsed[flags.join(' ')] ?? expect.fail('No test is known that rehearses so.')
    const text = read(file)
    expect(text).toMatch(/\brehearse\b/)
    for (const flag of flags) expect(text).toContain(`'${flag}'`)
  },
)
