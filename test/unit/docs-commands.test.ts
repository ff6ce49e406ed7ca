import { existsSync, globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { readArguments } from '@switchover/agent/commands/usage'
import { createProgram } from '@switchover/coordinator/cli/program'
import type { Host } from '@switchover/coordinator/cli/host'
import { localAwsCommand } from '@switchover/local-aws/main'
import { rehearseCommand } from '@switchover/rehearsal/command'
import { documents, quoted, read, root } from '../support/documents.ts'

/** Every command line in what people read is one that the programs take, though most are run by no test. */

const fence = /^```\w*\n([\s\S]*?)^```$/gm

/** Command lines of a text: of its blocks, and those between backticks. */
function commandsIn(text: string): string[] {
  const lines = [...text.matchAll(fence)].flatMap(([, block = '']) =>
    block.replaceAll(/\\\n\s*/g, '').split('\n'),
  )
  const inline = quoted(text.replaceAll(fence, '').replaceAll('\\|', '|'))
  return [...lines, ...inline]
    .flatMap((line) => line.split(/ && | \| (?=[a-z])/))
    .map((line) =>
      line
        .replace(/^\s*(- )?run: /, '')
        .replace(/ (#|>|→).*$/, '')
        .replace(/^npx /, '')
        .trim(),
    )
    .filter((line) => /^(switchover|switchover-agent|npm run)( |$)/.test(line))
}

/** Something of the kind that stands in a place to fill. */
const fills: Readonly<Record<string, string>> = {
  SERVICE: 'web',
  VERSION: 'v42',
  'ANOTHER-VERSION': 'v43',
  $VERSION: 'v42',
  $version: 'v42',
  ID: '20260101-120000-44fd',
  FILE: 'file.html',
  N: '1',
  DUR: '10m',
  NAME: 'bad-image',
  'ROLE=FILE': 'ops=bootstrap/iam/coordinator-role.json',
}

function wordsOf(line: string): string[] {
  return line
    .replaceAll(/[[\]"']/g, '')
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '…')
    .map((word) => word.split('|')[0] ?? '')
    .map((word) => fills[word] ?? word)
}

type Command = ReturnType<typeof rehearseCommand>

/** @throws where the command does not take these arguments. */
function parse(command: Command, args: readonly string[]): void {
  command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
  try {
    command.action(() => undefined).parse([...args], { from: 'user' })
  } catch (error) {
    // Help and version are no failure.
    if ((error as { exitCode?: number }).exitCode !== 0) throw error
  }
}

function check(line: string): void {
  const [program, ...args] = wordsOf(line)
  for (const word of args.filter((word) => /^(bootstrap|build|docs|packages|systemd|test)\//.test(word)))
    expect(existsSync(join(root, word)), `${word} does not exist`).toBe(true)
  if (program === 'npm') return checkScript(args.slice(1))
  if (program === 'switchover-agent') {
    // A mention names the command alone.
    const asked = args.length > 1 ? args : [...args, '--help']
    expect(readArguments(asked).command).not.toBe('refuse')
    return
  }
  checkSwitchover(args)
}

function checkSwitchover([name = '', ...rest]: readonly string[]): void {
  if (name === 'rehearse') return parse(rehearseCommand(), rest)
  if (name === 'local-aws') return parse(localAwsCommand(), rest)
  // Its library adds this one when it is asked for.
  if (name === 'completion') return expect(['bash', 'zsh', 'fish']).toContain(rest[0])
  if (name === '' || name.startsWith('-')) return
  // Nothing is carried out, so that nothing is taken from the process.
  const found = createProgram({} as Host, [], () => undefined).commands.find(
    (command) => command.name() === name,
  )
  if (found === undefined) throw new Error(`There is no command ${name}.`)
  // A mention names the command alone.
  if (rest.length > 0) parse(found, rest)
}

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }

function checkScript(words: readonly string[]): void {
  const [script = '', ...rest] = words.filter((word) => word !== '-s')
  expect(Object.keys(scripts)).toContain(script)
  if (script === 'rehearse') parse(rehearseCommand(), rest.slice(1))
}

test.each(documents)('%s: the programs take every command line', (path) => {
  for (const line of commandsIn(read(path))) expect(() => check(line), line).not.toThrow()
})

test('command lines are found, and a wrong one is told', () => {
  expect(documents.flatMap((path) => commandsIn(read(path))).length).toBeGreaterThan(80)
  expect(commandsIn('```\nnpm ci && npm run build  # x\n```\n`switchover status web`')).toEqual([
    'npm run build',
    'switchover status web',
  ])
  for (const wrong of [
    'switchover deplay web v1',
    'switchover deploy web v1 --canari 1',
    'switchover deploy web v1 --bake soon',
    'switchover finish web now',
    'switchover rehearse --scenario bad-imag',
    'switchover-agent statos',
    'npm run rehearsal',
    'switchover publish web bootstrap/example/wab',
  ])
    expect(() => check(wrong), wrong).toThrow()
})

const slug = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\d _-]/gu, '')
    .replaceAll(' ', '-')

const anchors = (path: string) =>
  [...read(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => slug(heading))

test.each(documents)('%s: links lead somewhere', (path) => {
  const text = read(path).replaceAll(fence, '')
  const links = [...text.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)$/gm)].map(([, a, b]) => a ?? b ?? '')
  for (const link of links.filter((one) => !/^https?:/.test(one))) {
    const [file = '', anchor] = link.split('#')
    const target = file === '' ? path : join(dirname(path), file)
    expect(existsSync(join(root, target)), `${link} of ${path}`).toBe(true)
    if (anchor !== undefined) expect(anchors(target), `${link} of ${path}`).toContain(anchor)
  }
})

const files = globSync('{packages,test,build,bootstrap,docs,systemd}/**/*.{ts,sh,json,yaml}', {
  cwd: root,
  exclude: ['**/node_modules/**'],
})

test.each(['ARCHITECTURE.md', 'CONTRIBUTING.md'])('%s: names files that are there', (path) => {
  const named = [...read(path).matchAll(/(?<![\w*/.-])[\w./-]+\.(?:ts|sh)\b/g)].map(([name]) => name)
  expect(named.length).toBeGreaterThan(10)
  for (const name of named)
    expect(
      files.some((file) => `/${file}`.endsWith(`/${name}`)),
      name,
    ).toBe(true)
})

test('the README leads to every document', () => {
  const readme = read('README.md')
  for (const path of documents.filter((path) => path !== 'README.md')) expect(readme).toContain(`](${path})`)
})
