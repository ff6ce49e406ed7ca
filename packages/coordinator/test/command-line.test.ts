import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AwsClients } from '../src/aws/clients.ts'
import { Interrupt } from '../src/cli/interrupt.ts'
import { Refusal } from '../src/events.ts'
import { commandLine, eventsOf } from './support/command-line.ts'

type Around = Parameters<typeof commandLine>[1]

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'command-line-'))
})
afterEach(async () => {
  await rm(directory, { recursive: true })
})

function stopped(): Interrupt {
  const interrupt = new Interrupt()
  interrupt.stop()
  return interrupt
}

const say = async (line: string, answer?: string) =>
  commandLine(line.split(' '), answer === undefined ? { directory } : { directory, answer })

describe('bad usage is one sentence and exit 2', () => {
  test.each([
    ['deploi web v1', "Unknown command 'deploi' (Did you mean deploy?)\nNext: switchover --help\n"],
    ['deploy web', "Missing required argument 'VERSION'.\nNext: switchover deploy --help\n"],
    [
      'deploy web v1 --reliase each',
      "Unknown option '--reliase' (Did you mean --release?)\nNext: switchover deploy --help\n",
    ],
    ['status web --yes', "Unknown option '--yes'.\nNext: switchover status --help\n"],
    [
      'publish web',
      'Give SERVICE and DIR, or --agent TARBALL and --store URL.\nNext: switchover publish --help\n',
    ],
    [
      'publish web x --agent y --store s3://bucket',
      '--agent takes --store URL, and neither SERVICE nor DIR.\nNext: switchover publish --help\n',
    ],
    ['help deploi', "Unknown command 'deploi' (Did you mean deploy?)\nNext: switchover --help\n"],
    ['status web', 'No AWS region is configured: give --region.\n'],
    ['rollback web', 'rollback changes things and there is no terminal to ask on: add --yes.\n'],
  ])('%s', async (line, stderr) => {
    expect(await say(line)).toEqual({ exitCode: 2, stdout: '', stderr })
  })

  test.each([
    ['deploy Web v1', 'lower-case letters'],
    ['deploy web .v1', 'image tag'],
    ['deploy web v1@sha256:12', '64 hexadecimal digits'],
    ['deploy web v1 --release some', 'each, together'],
    ['deploy web v1 --timeout 5', '500ms, 90s, 10m or 2h'],
    ['deploy web v1 --desired 0', 'at least 1'],
    ['deploy web v1 --image web:v1', 'without tag'],
    ['deploy web v1 --canary 0', 'at least 1'],
    ['deploy web v1 --canary some', 'at least 1'],
    ['deploy web v1 --canary 0%', '1% to 100%'],
    ['deploy web v1 --canary 101%', '1% to 100%'],
    ['deploy web v1 --bake 5', '500ms, 90s, 10m or 2h'],
    ['deploy web v1 --finish-after 0s', 'longer than nothing'],
    [`deploy web v1 --alarm ${'a'.repeat(256)}`, '1 to 255 characters'],
    ['finish web --lease 1s', 'at least 2s'],
    ['rollback web --keep 0', 'at least 1'],
    ['rollback web --keep some', 'at least 1'],
    ['rollback web --floor 0%', '1% to 100%'],
    ['rollback web --floor 101%', '1% to 100%'],
    ['rollback web --floor 50', '1% to 100%'],
  ])('%s', async (line, words) => {
    const { exitCode, stdout, stderr } = await say(line)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(words)
  })

  test('a secret address is not repeated', async () => {
    const { exitCode, stderr } = await say('deploy web v1 --yes --notify hooks.example/T00/SECRET')
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: '--notify must be an http or https address.\n',
    })
  })
})

describe('under --json every command line ends with one result and its exit code', () => {
  /** What the test adds to an otherwise empty AWS. */
  const broken = {} as AwsClients
  const refusing = { autoScaling: { send: () => Promise.reject(new Refusal(3, 'locked', 'No.')) } }
  const rows: [name: string, line: string, around: Partial<Around>, result: object][] = [
    ['missing arguments', 'deploy', {}, { outcome: 'refused', exitCode: 2 }],
    ['an unknown option', 'status web --yes', {}, { outcome: 'refused', exitCode: 2 }],
    ['an unknown command', 'deploi web v1', {}, { outcome: 'refused', exitCode: 2 }],
    ['a value that is none', 'deploy web v1 --timeout 5', {}, { outcome: 'refused', exitCode: 2 }],
    ['no terminal to ask on', 'rollback web', {}, { outcome: 'refused', exitCode: 2 }],
    ['no Region', 'status web', {}, { outcome: 'refused', exitCode: 2 }],
    ['a refusal on the way', 'publish web . --yes', {}, { outcome: 'refused', exitCode: 2 }],
    ['a bug', 'status web', { clients: broken }, { outcome: 'failed', exitCode: 1 }],
    [
      'an interrupt',
      'status web',
      { clients: refusing as unknown as AwsClients, interrupt: stopped() },
      { outcome: 'interrupted', exitCode: 130 },
    ],
  ]
  test.each(rows)('%s', async (_, line, around, result) => {
    const said = await commandLine([...line.split(' '), '--json'], { directory, ...around })
    expect(eventsOf(said)).toEqual([expect.objectContaining({ event: 'result', ...result })])
    expect(said.exitCode).toBe((result as { exitCode: number }).exitCode)
  })

  test('a bug’s stack is on stderr, apart from the events', async () => {
    const said = await commandLine(['status', 'web', '--json'], { directory, clients: broken })
    expect(eventsOf(said)).toHaveLength(1)
    expect(said.stderr).toMatch(/^\s+at /m)
  })
})

describe('help', () => {
  test.each(['deploy', 'promote', 'rollback', 'finish', 'resume', 'status', 'doctor', 'history', 'publish'])(
    '%s has examples and exit codes, on stdout',
    async (name) => {
      const { exitCode, stdout, stderr } = await say(`${name} --help`)
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
      expect(stdout.match(new RegExp(`^  switchover ${name} `, 'gm'))).toHaveLength(2)
      expect(stdout).toMatch(/Exit codes:\n {2}0 /)
    },
  )

  test('the version is the package’s', async () => {
    const { stdout, ...rest } = await say('--version')
    expect(rest).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toMatch(/^\d+\.\d+\.\d+( \(commit [0-9a-f]{7,}(-dirty)?\))?\n$/)
  })
})

describe('switchover.yml', () => {
  test.each([
    ['timeout: soon', 'switchover.yml: timeout: "soon" is not a duration: write 500ms, 90s, 10m or 2h.\n'],
    [
      'canary: 200%',
      'switchover.yml: canary: It must be a whole number of instances, or 1% to 100% of the live group.\n',
    ],
    ['bake: soon', 'switchover.yml: bake: "soon" is not a duration: write 500ms, 90s, 10m or 2h.\n'],
    ['release: some', 'switchover.yml: release: it must be one of each, together.\n'],
    ['regoin: x', 'switchover.yml: Unrecognized key: "regoin".\n'],
    ['a: [', 'switchover.yml is not YAML.\n'],
  ])('%s is refused', async (content, stderr) => {
    await writeFile(join(directory, 'switchover.yml'), content)
    expect(await say('deploy web v1 --yes')).toEqual({ exitCode: 2, stdout: '', stderr })
  })

  test('gives defaults, and what is on the command line stands', async () => {
    await writeFile(join(directory, 'switchover.yml'), 'json: true\ntimeout: soon\n')
    const { stdout } = await say('deploy web v1 --yes --timeout 5m')
    expect(JSON.parse(stdout)).toMatchObject({
      text: 'No AWS region is configured: give --region.',
      exitCode: 2,
    })
  })

  test('entries for other commands are passed over', async () => {
    await writeFile(join(directory, 'switchover.yml'), 'timeout: 5m\nnotify: https://hooks.example/x\n')
    expect((await say('status web')).stderr).toBe('No AWS region is configured: give --region.\n')
  })
})
