import { spawn, type ChildProcess } from 'node:child_process'
import { on, once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'vitest'
import { startImds, type ImdsFault, type InstanceView } from '@switchover/local-aws/instances/container/imds'
import { RealClock } from '@switchover/local-aws/real-clock'
import { until } from '../../../test/support/until.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

test.concurrent.each<[string, ImdsFault, RegExp]>([
  ['401', { kind: 'status', status: 401 }, /answered 401/],
  ['404', { kind: 'status', status: 404 }, /answered 404 to \/latest\/api\/token/],
  ['no document', { kind: 'status', status: 404, paths: /document$/ }, /document cannot be read/],
  ['503', { kind: 'status', status: 503 }, /answered 503/],
  ['a cut connection', { kind: 'reset' }, /socket hang up|ECONNRESET/],
  ['an answer too late', { kind: 'slow', ms: 3_600_000 }, /HttpPutResponseHopLimit/],
])('%s is named and waited out', async (_, fault, sentence) => {
  await using machine = await open()
  machine.fault = fault
  await machine.start()
  await machine.says(/^identifying: /)
  await machine.says(sentence)
  machine.fault = null
  await machine.says(/^resolving/)
})

test.concurrent('403 is a failure that names the way out, until the service is turned on', async () => {
  await using machine = await open()
  machine.fault = { kind: 'status', status: 403 }
  await machine.start()
  await machine.says(/^failed: .*aws ec2 modify-instance-metadata-options --http-endpoint enabled/)
  machine.fault = null
  await machine.says(/^resolving/)
})

test.concurrent('an agent that starts anew in the same boot asks nobody who it is', async () => {
  await using machine = await open()
  await machine.start()
  await machine.says(/^resolving/)
  await machine.stop()
  machine.fault = { kind: 'status', status: 403 }
  await machine.start()
  await machine.says(/^resolving/)
})

type TestMachine = AsyncDisposable & {
  /** What is wrong with the metadata service. */
  fault: ImdsFault | null
  start(): Promise<void>
  stop(): Promise<void>
  /** Resolves when `/readyz` says so, with 503. */
  says(text: RegExp): Promise<void>
}

/** A real agent process with a metadata service that fails on demand; AWS and the engine are out of its reach. */
async function open(): Promise<TestMachine> {
  const clock = new RealClock()
  const state = await mkdtemp(join(tmpdir(), 'switchover-agent-'))
  let agent: ChildProcess | null = null
  let port = 0
  const imds = await startImds({ host: '127.0.0.1', clock, view: () => viewOf(machine.fault) })
  const readyz = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`)
    return `${answer.status} ${await answer.text()}`
  }
  const end = async (signal: NodeJS.Signals) => {
    if (agent === null || agent.exitCode !== null) return
    agent.kill(signal)
    await once(agent, 'exit')
  }
  const machine: TestMachine = {
    fault: null,
    start: async () => {
      agent = spawnAgent(imds.port, state)
      port = await portOf(agent)
    },
    stop: () => end('SIGTERM'),
    says: (text) => until(async () => after503(text).test(await readyz()), 120_000, `it says ${text.source}`),
    [Symbol.asyncDispose]: async () => {
      await end('SIGKILL')
      await imds.close()
      await rm(state, { recursive: true, force: true })
    },
  }
  return machine
}

function after503({ source }: RegExp): RegExp {
  return new RegExp(source.startsWith('^') ? `^503 ${source.slice(1)}` : `^503 .*${source}`)
}

function spawnAgent(imdsPort: number, state: string): ChildProcess {
  return spawn(process.execPath, [main, 'run'], {
    env: {
      PATH: process.env['PATH'],
      AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${imdsPort}`,
      // Nobody listens there.
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      DOCKER_HOST: `unix://${join(state, 'docker.sock')}`,
      STATE_DIRECTORY: state,
      SWITCHOVER_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** The port it says it listens on. */
async function portOf({ stdout }: ChildProcess): Promise<number> {
  if (stdout === null) throw new Error('The agent has no output.')
  let text = ''
  for await (const part of on(stdout, 'data', { close: ['end'] }) as AsyncIterable<[Buffer]>) {
    text += part[0].toString()
    const listens = /listens on port (\d+)/.exec(text)
    if (listens !== null) return Number(listens[1])
  }
  throw new Error(`The agent ended: ${text}`)
}

function viewOf(fault: ImdsFault | null): InstanceView {
  return {
    httpTokens: 'required',
    httpEndpoint: 'enabled',
    tokenReachesCaller: true,
    fault,
    metadata: {
      instanceId: 'i-0123456789abcdef0',
      ip: '127.0.0.1',
      imageId: 'ami-0123456789abcdef0',
      instanceType: 't3.micro',
      architecture: 'x86_64',
      availabilityZone: 'us-east-1a',
      region: 'us-east-1',
      account: '123456789012',
      role: null,
      userData: null,
      launchedAt: Date.UTC(2026, 0, 1),
      targetLifecycleState: 'InService',
      spot: { interruption: null, rebalanceAt: null },
      tags: null,
      credentials: null,
    },
  }
}
