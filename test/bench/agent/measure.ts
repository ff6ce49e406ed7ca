import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { openAgentMachine, type AgentMachine } from '../../support/agent-machine.ts'
import { residentBytes } from '../resident.ts'

export type AgentFigures = {
  /** From its start to the end of an empty program of the agent's own Node, milliseconds, one entry a round. */
  emptyMs: readonly number[]
  /** From the agent's start on a new machine to its first request to the metadata service, alike. */
  firstRequestMs: readonly number[]
  /** Resident memory of an agent that is ready and left alone, bytes, once a second. */
  idleBytes: readonly number[]
}

const root = fileURLToPath(new URL('../../..', import.meta.url))
/** Long enough for what the boot left on the heap to be gone. */
const calmMs = 20_000
const samples = 10

/** Measures the agent as it ships: built, unpacked, started by its own launcher. */
export async function measureAgent(rounds: number): Promise<AgentFigures> {
  const directory = join(root, '.cache', 'bench', 'agent')
  await unpackAgent(directory)
  const launcher = join(directory, 'switchover-agent')
  await using machine = await openAgentMachine('2s')
  const emptyMs: number[] = []
  const firstRequestMs: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    emptyMs.push(await emptyProgram(join(directory, 'bin', 'node')))
    firstRequestMs.push(await firstRequest(machine, launcher, round))
  }
  const agent = machine.start([launcher])
  await machine.ready()
  await sleep(calmMs)
  const idleBytes: number[] = []
  while (idleBytes.length < samples) {
    await sleep(1_000)
    idleBytes.push(await residentBytes(agent.pid ?? 0))
  }
  return { emptyMs, firstRequestMs, idleBytes }
}

async function unpackAgent(directory: string): Promise<void> {
  const run = promisify(execFile)
  await run(process.execPath, [join(root, 'packages', 'agent', 'build.ts'), '--arch', process.arch])
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { recursive: true })
  const tarball = join(root, 'dist', 'agent', `switchover-agent-linux-${process.arch}.tar.gz`)
  await run('tar', ['-xzf', tarball, '-C', directory])
}

async function emptyProgram(node: string): Promise<number> {
  const from = performance.now()
  await once(spawn(node, ['--input-type=module', '--eval', ''], { stdio: 'ignore' }), 'exit')
  return performance.now() - from
}

/** Each round on a state directory of its own, as on a machine that has just been launched. */
async function firstRequest(machine: AgentMachine, launcher: string, round: number): Promise<number> {
  const asked = machine.asked()
  const from = performance.now()
  const child = machine.start([launcher], `state-${round}`)
  const ms = (await asked) - from
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
  return ms
}
