import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Interrupt } from '@switchover/coordinator/cli/interrupt'
import { passedOn } from '@switchover/coordinator/cli/passed-on'
import { commandLine, type Said } from '../../packages/coordinator/test/support/command-line.ts'
import { createGuarded, type Guarded } from '../../packages/coordinator/test/support/guarded.ts'
import { pushImage, size, storeUrl, tag } from '../../packages/coordinator/test/support/web-service.ts'
import { writeAgentTarball } from '../support/agent-tarball.ts'
import { commandLinesIn, documentedLines, fills } from '../support/command-lines.ts'
import { completed } from '../support/completed.ts'

/**
 * Every line of the documents that gives the coordinator a command is run, with the permissions of the shipped role, in an
 * account where the service is as the command needs it. Other programs' lines: test/wire/docs-programs.test.ts and
 * test/wire/scripts.test.ts.
 */

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'docs-commands-'))
  await writeAgentTarball(join(directory, fills['TARBALL'] ?? ''))
  // While a module is loaded, simulated time would go on.
  await import('@switchover/coordinator/live/screen')
})
afterAll(() => rm(directory, { recursive: true }))

type Words = readonly string[]
const idPattern = /^\d{8}-\d{6}-/
type Stop = (web: Guarded) => boolean

/** Whether it waits for what happens in the account; on what only reads, no time is spent. */
const waits = ([name = '', ...rest]: Words) =>
  ['deploy', 'promote', 'rollback', 'finish', 'resume'].includes(name)
    ? !['--plan', '--help'].some((flag) => rest.includes(flag))
    : ['--watch', '--fix'].some((flag) => rest.includes(flag))

/** Runs a line as a person at a terminal does, who says yes; off it where the line has said so. */
async function give(web: Guarded, words: Words, stop: Stop = () => false): Promise<Said> {
  const interrupt = new Interrupt()
  const atTerminal = !words.includes('--yes') && !words.includes('--json')
  const work = commandLine(words, {
    directory: '/',
    clients: web.ops,
    clock: web.clock,
    config: { pollMs: 5_000 },
    interrupt,
    ...(atTerminal ? { answer: 'y\n' } : {}),
  })
  if (!waits(words)) return await work
  let over = false
  const ended = work.finally(() => (over = true))
  await web.time.runUntil(() => over || stop(web), 7_200_000)
  if (!over) interrupt.stop()
  return await web.run(ended)
}

const launches: Stop = ({ cloud }) => (cloud.autoScaling.groups.get('web-green')?.members.size ?? 0) > 0

/** Lines that bring a service on v1 to where a command has something to do, each to its end or until it is stopped. */
function before([name = '', ...rest]: Words): readonly (readonly [line: string, stop?: Stop])[] {
  if (name === 'publish' || name === 'completion' || rest.includes('--desired')) return []
  if (name === 'promote') return [['deploy web v2 --canary 1 --yes']]
  if (name === 'resume') return [['deploy web v2 --yes', launches]]
  if (name === 'deploy' && !rest.includes('--finish-previous'))
    // What serves already is not deployed.
    return rest[1] === 'v1' ? [['deploy web v2 --yes'], ['finish web --yes']] : []
  const ended =
    ['history', 'doctor'].includes(name) || (name === 'report' && rest.some((word) => idPattern.test(word)))
  return ended ? [['deploy web v2 --yes'], ['finish web --yes']] : [['deploy web v2 --yes']]
}

async function createBefore(words: Words): Promise<Guarded> {
  const web = await createGuarded()
  for (const version of ['v42', 'v43']) await pushImage(web, version, ['amd64', 'arm64'])
  if (words.includes('--desired')) await size(web, 'web-blue', 0)
  for (const [line, stop] of before(words)) {
    const { exitCode, stderr } = await give(web, line.split(' '), stop)
    expect(exitCode, `${line}: ${stderr}`).toBe(stop === undefined ? 0 : 130)
  }
  // So that there is something to mend.
  if (words.includes('--fix')) await tag(web, 'web-blue', { 'switchover:version': 'v0' })
  return web
}

/** What a command says when it has done its work. */
function outcomeOf([name = '', ...rest]: Words): RegExp {
  if (name === '--help' || rest.includes('--help')) return /^Usage: switchover /
  if (rest.includes('--plan')) return new RegExp(`${rest[1]} would be deployed to web-(blue|green)`)
  if (rest.includes('--canary')) return new RegExp(`1 canary of ${rest[1]} serves`)
  if (rest.includes('--keep')) return /1 instance of v2 is kept/
  const outcomes: Readonly<Record<string, RegExp>> = {
    deploy: new RegExp(`web runs ${rest[1]} on web-(blue|green)`),
    promote: /web runs v2 on web-green/,
    rollback: /web runs v1 on web-blue again; v2 is gone/,
    finish: /the earlier fleet is gone/,
    resume: /web runs v2 on web-green/,
    status: /READY/,
    doctor: rest.includes('--fix') ? /Mended: idle-version\./ : /web: nothing to see to\./,
    history: /v1 +v2 +finished/,
    report: /v2 of web from v1 is deployed|Healthy capacity: never fewer than 2, 2 required\./,
    publish: rest.includes('--agent') ? /Published agent 0\.1\.0/ : /Published bundle [0-9a-f]{12} of web\./,
    completion: /switchover complete --/,
  }
  return outcomes[name] ?? expect.fail(`Nothing is known of the command ${name}.`)
}

/** The same with what is there only in this account and on this machine. */
async function asHere(web: Guarded, words: Words): Promise<string[]> {
  const here = words.map((word) => {
    if (/\.(html|tar\.gz)$/.test(word)) return join(directory, word)
    return word.startsWith('s3://') ? storeUrl : word
  })
  if (!here.some((word) => idPattern.test(word))) return here
  const { stdout } = await give(web, ['history', 'web', '--json'])
  const [, id = ''] = /"id":"([^"]+)"/.exec(stdout) ?? []
  return here.map((word) => (idPattern.test(word) ? id : word))
}

async function run(words: Words): Promise<void> {
  const web = await createBefore(words)
  const here = await asHere(web, words)
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const { exitCode, stdout, stderr } = await give(
    web,
    here,
    words.includes('--watch') ? minutes(web) : undefined,
  )
  const text = [stdout, stderr, ...printed.mock.calls.flat()].join('\n').trim()
  printed.mockRestore()
  expect(exitCode, text).toBe(0)
  expect(text).toMatch(outcomeOf(words))
  expect(web.refused).toEqual([])
  const page = here.find((word) => word.endsWith('.html'))
  if (page !== undefined) expect(await readFile(page, 'utf8')).toMatch(/<\/html>\s*$/)
}

/** Somebody has looked on for long enough. */
function minutes({ clock }: Guarded): Stop {
  const end = clock.now() + 120_000
  return ({ clock }) => clock.now() >= end
}

const lines = documentedLines('switchover', completed).filter(
  ({ words: [name = ''] }) => !Object.hasOwn(passedOn, name),
)

describe('in the documents', () => {
  test.each(lines.map(({ words, documents }) => [words.join(' '), documents.join(' '), words] as const))(
    'switchover %s (%s)',
    async (_line, _documents, words) => {
      await run(words)
    },
  )
})

test('command lines are found, in blocks and in sentences', () => {
  expect(lines.length).toBeGreaterThan(40)
  const block = [
    'npm ci && npm run build  # x',
    'until WAIT=1 npx switchover status web; do sleep 1; done',
    'id=$(switchover history web --json | jq .id)',
    'source <(switchover completion bash)',
  ]
  const text = ['```', ...block, '```', '`deploy --plan`, as a', 'sentence has it, and `-- --help`'].join(
    '\n',
  )
  expect(commandLinesIn(text)).toEqual([
    'npm run build',
    'switchover status web',
    'switchover history web --json',
    'switchover completion bash',
    'switchover deploy --plan',
    'npm run build -- --help',
  ])
})

test.each([
  'deplay web v2',
  'deploy web v2 --canari 1',
  'deploy web v44',
  'deploy web v2 --bake soon',
  'finish web now',
  'status wob',
  'publish web bootstrap/example/wab',
])('a wrong line is told: %s', async (line) => {
  await expect(run(line.split(' '))).rejects.toThrow('expected 2 to be +0')
})
