import { execa } from 'execa'
import { rmSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { documentedLines } from '../../../test/support/command-lines.ts'

const cli = fileURLToPath(new URL('../../coordinator/src/main.ts', import.meta.url))
const rehearse = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  execa(process.execPath, [cli, 'rehearse', ...args], { reject: false, stdin: 'ignore', env, cleanup: true })

const directory = await mkdtemp(join(tmpdir(), 'rehearsal-'))
afterAll(() => rm(directory, { recursive: true }))

/** The sentence of a line: without when it was printed, ids, numbers and what comes after a comma. */
const sentenceOf = (line: string) =>
  line
    .replace(/^ +[\d.]+s {2}/, '')
    .replaceAll(/i-[0-9a-f]{17}(, i-[0-9a-f]{17})*/g, 'i-…')
    .replaceAll(/\d[\d.hms]*/g, '#')
    .replaceAll(/ +/g, ' ')
    .replace(/(?:,| \().*$/, '')

/** What the README shows of a rehearsal, line for line, but for the waits, which the machine's pace may make needless. */
async function shownOutput(): Promise<string[]> {
  const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8')
  const blocks = [...readme.matchAll(/^```\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block)
  const block = blocks.find((text) => text.includes('▶ switchover rollback web')) ?? ''
  return block.split('\n').filter((line) => /[a-z]/.test(line) && !line.includes('Waiting for'))
}

test('the whole job on virtual instances: nothing fails, and the table says how long it took', async () => {
  const { exitCode, stdout, stderr } = await rehearse(['--virtual', '--instances', '3', '--rate', '100'])
  expect(exitCode, stderr).toBe(0)
  expect(stdout).toMatch(/requests: [1-9]\d* sent, 0 failed, answered by v1 [1-9]\d*, v2 [1-9]\d*/)
  expect(stdout).toMatch(/checks: (\d+) of \1 hold/)
  for (const step of ['deploy web v2', 'rollback web', 'finish web']) expect(stdout).toContain(step)
  const said = `${stderr}\n${stdout}`.split('\n').map(sentenceOf)
  const shown = await shownOutput()
  expect(shown.length).toBeGreaterThan(15)
  for (const line of shown) expect(said).toContain(sentenceOf(line))
})

test('Ctrl-C ends it with 130, and everything it started', async () => {
  const child = rehearse(['--virtual'])
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (text.includes('▶ switchover deploy')) child.kill('SIGINT')
  })
  const { exitCode, stderr } = await child
  expect(stderr).toContain('Interrupted: everything it started was ended.')
  expect(stderr).not.toMatch(/\n\s+at /)
  expect(exitCode).toBe(130)
})

test('the README’s scenario says what will be broken, breaks it, and sees what it expected', async () => {
  const line = documentedLines('npm run').find(({ words }) => words.includes('--scenario'))
  expect(line?.words.slice(0, -1)).toEqual([
    'rehearse',
    '--',
    '--virtual',
    '--scenario',
    'bad-image',
    '--report',
  ])
  const page = join(directory, line?.words.at(-1) ?? '')
  const { exitCode, stdout, stderr } = await rehearse([
    ...(line?.words.slice(2, -1) ?? []),
    page,
    '--instances',
    '1',
  ])
  expect(exitCode, `${stderr}\n${stdout}`).toBe(0)
  expect(stderr.indexOf('its image is deleted from the registry')).toBeLessThan(
    stderr.indexOf('▶ switchover deploy web v2'),
  )
  expect(stdout).toMatch(/scenario bad-image: (\d+) of \1 expectations met/)
  const why = /is not in the registry/
  expect(stdout).toMatch(why)
  // The story has the reason by itself, in words and as a page.
  expect(stdout.slice(0, stdout.indexOf('scenario '))).toMatch(why)
  expect(stdout).toContain('Healthy capacity: never fewer than 1, 1 required.')
  expect(await readFile(page, 'utf8')).toMatch(why)
})

test('a story that cannot be told hides no outcome', async () => {
  const gone = await mkdtemp(join(directory, 'gone-'))
  const options = ['--virtual', '--instances', '1', '--scenario', 'launch-fails']
  const child = rehearse([...options, '--report', join(gone, 'story.html')])
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (text.includes('▶ switchover deploy')) rmSync(gone, { recursive: true, force: true })
  })
  const { exitCode, stdout, stderr } = await child
  expect(stderr).toMatch(/The story cannot be told: .+\./)
  expect(stdout).toMatch(/scenario launch-fails: (\d+) of \1 expectations met/)
  expect(stdout).toMatch(/no capacity twice in a row/)
  expect(exitCode).toBe(1)
})

test.each([
  ['no such scenario', ['--scenario', 'bad-imag'], /Allowed choices are bad-image, never-healthy, /],
  [
    'a scenario with too few instances',
    ['--virtual', '--scenario', 'spot', '--instances', '1'],
    /needs --instances of at least 2/,
  ],
  [
    'a story that cannot be kept',
    ['--virtual', '--report', '/nonexistent/story.html'],
    /--report takes the path of a page to write; \/nonexistent cannot be written to/,
  ],
  [
    'sizes of a service and others',
    ['--like', 'web', '--instances', '3'],
    /'--like <service>' cannot be used with option '--instances <n>'/,
  ],
  ['no such flag', ['--colour'], /unknown option '--colour'/],
  ['too many instances', ['--instances', '9'], /--instances takes a whole number from 1 to 8/],
])('%s is exit 2 in one sentence', async (_, args, sentence) => {
  const { exitCode, stderr } = await rehearse(args)
  expect(stderr).toMatch(sentence)
  expect(exitCode).toBe(2)
})

test('where no engine answers and none may be started it says so, and what can be done', async () => {
  const { exitCode, stderr } = await rehearse(['--no-install'], {
    DOCKER_HOST: 'unix:///nonexistent/docker.sock',
  })
  expect(stderr).toMatch(/This machine cannot run the rehearsal with containers: .*--virtual/)
  expect(exitCode).toBe(2)
})
