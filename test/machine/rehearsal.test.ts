import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from './support/wait.ts'

const cli = fileURLToPath(new URL('../../packages/coordinator/src/main.ts', import.meta.url))
const label = 'switchover.owner'

/** Where the rehearsals put what they keep for a while. */
let temporary: string

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'switchover-test-'))
})

afterAll(() => rm(temporary, { recursive: true, force: true }))

/** The rehearsal as a terminal runs it: its own process group, which Ctrl-C reaches as a whole. */
function rehearse(...args: string[]) {
  return execa(process.execPath, [cli, 'rehearse', '--no-install', ...args], {
    detached: true,
    env: { TMPDIR: temporary },
    reject: false,
    stdin: 'ignore',
  })
}

test('the main job on container machines: nothing fails, the figures are told, nothing is left', async () => {
  const child = rehearse()
  const network = await networkOf(child.pid)
  const { exitCode, stdout, stderr } = await child
  expect(exitCode, stderr).toBe(0)
  for (const step of ['deploy web v2', 'rollback web', 'finish web'])
    expect(stdout).toMatch(new RegExp(`^${step} .*\\ds `, 'm'))
  expect(stdout).toMatch(/^requests: [1-9]\d* sent, 0 failed, answered by v1 [1-9]\d*, v2 [1-9]\d*$/m)
  expect(stdout).toMatch(/^checks: (\d+) of \1 hold$/m)
  expect(await leftOf(network)).toEqual(nothing)
})

test('Ctrl-C while machines boot ends everything it started', async () => {
  const child = rehearse('--instances', '2')
  const network = await networkOf(child.pid)
  await eventually('machines boot', async () => (await leftOf(network)).containers.length === 2)
  const running = await leftOf(network)
  expect(running.rules).not.toEqual([])
  expect(running.files).not.toEqual([])
  const children = await childrenOf(child.pid)
  expect((await Promise.all(children.map(programOf))).join()).toContain('docker-registry')

  process.kill(-(child.pid ?? Number.NaN), 'SIGINT')
  const { exitCode, stderr } = await child
  expect(exitCode, stderr).toBe(130)
  expect(stderr).toContain('Interrupted: everything it started was ended.')
  expect(stderr).not.toMatch(/\n\s+at /)
  expect(await leftOf(network)).toEqual(nothing)
  expect((await Promise.all(children.map(programOf))).join()).not.toContain('docker-registry')
})

type Left = { containers: string[]; networks: string[]; rules: string[]; files: string[] }
const nothing: Left = { containers: [], networks: [], rules: [], files: [] }

/** The network of the run with this process id: its owner is named `boot/namespace/pid/start`. */
function networkOf(pid: number | undefined): Promise<string> {
  return eventually('the run has made its network', async () => {
    const rows = await lines('docker', ['network', 'ls', '--format', `{{.Name}} {{.Label "${label}"}}`])
    const row = rows.find((candidate) => candidate.split('/')[2] === String(pid))
    return row?.split(' ')[0] ?? null
  })
}

async function leftOf(network: string): Promise<Left> {
  const byName = ['--format', '{{.Names}}', '--filter', `name=${network}`]
  const rules = [
    ...(await lines('iptables', ['-w', '60', '-t', 'nat', '-S'])),
    ...(await lines('iptables', ['-w', '60', '-S'])),
  ]
  return {
    containers: await lines('docker', ['ps', '--all', ...byName]),
    networks: await lines('docker', [
      'network',
      'ls',
      '--format',
      '{{.Name}}',
      '--filter',
      `name=${network}`,
    ]),
    rules: rules.filter((rule) => rule.includes(network)),
    files: (await readdir(temporary)).filter((name) => name.startsWith('switchover-')),
  }
}

async function lines(program: string, args: readonly string[]): Promise<string[]> {
  const { stdout } = await execa(program, args, { stdin: 'ignore' })
  return stdout.split('\n').filter((line) => line !== '')
}

async function childrenOf(pid: number | undefined): Promise<string[]> {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ')
}

/** The command line of a process, empty where it has ended. */
function programOf(pid: string): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
}
