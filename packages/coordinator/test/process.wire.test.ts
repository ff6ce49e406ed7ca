import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { closeCloud, createCloud } from '@switchover/local-aws/create-cloud'
import { inProcessHandler } from '@switchover/local-aws/in-process'
import { RealClock } from '@switchover/local-aws/real-clock'
import { seededRandom } from '@switchover/local-aws/seeded-random'
import { startServer } from '@switchover/local-aws/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClients } from '../src/aws/clients.ts'
import type { Event, ResultEvent } from '../src/events.ts'
import { bucket } from './support/account.ts'
import { fillWithWebService, goodMachines } from './support/web-service.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
/** So many times faster than real: a health check a second or two apart. */
const speed = 50

let env: Record<string, string>
let close: () => Promise<void>

beforeAll(async () => {
  const cloud = createCloud({
    clock: new RealClock(speed),
    random: seededRandom(1),
    machines: () => goodMachines,
  })
  const server = await startServer(cloud, { host: '127.0.0.1', port: 0 })
  close = async () => {
    await server.close()
    await closeCloud(cloud)
  }
  env = {
    PATH: process.env['PATH'] ?? '',
    AWS_ENDPOINT_URL: server.url,
    AWS_REGION: cloud.region,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    SWITCHOVER_POLL_MS: '200',
  }
  const clients = createClients({
    region: cloud.region,
    transport: { requestHandler: inProcessHandler(cloud), credentials: keys },
  })
  await clients.s3.send(new CreateBucketCommand({ Bucket: bucket }))
  await fillWithWebService({ clients, time: { advance: async (ms) => await delay(ms / speed) } })
}, 60_000)
afterAll(async () => {
  await close()
})

type Ended = { exitCode: number | null; events: Event[]; result: ResultEvent | undefined; stderr: string }

/** Runs the program under `--json`; `onEvent` may send it a signal. */
async function switchover(
  argv: readonly string[],
  onEvent: (event: Event, signal: (name: NodeJS.Signals) => void) => void = () => undefined,
  environment = env,
): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...argv, '--json'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const events: Event[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    const event = JSON.parse(line) as Event
    events.push(event)
    onEvent(event, (name) => child.kill(name))
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [exitCode, stderr] = await Promise.all([ended, text(child.stderr)])
  const result = events.find((event) => event.event === 'result')
  return { exitCode, events, result, stderr }
}

test('Ctrl-C ends a deployment with 130 and the way to go on, and resume takes it to its end', async () => {
  let sent = false
  const interrupted = await switchover(
    ['deploy', 'web', 'v2', '--yes', '--readiness', 'load-balancer'],
    (event, signal) => {
      if (sent || event.event !== 'wait') return
      sent = true
      signal('SIGINT')
    },
  )
  expect(interrupted).toMatchObject({
    exitCode: 130,
    stderr: '',
    result: { outcome: 'interrupted', exitCode: 130, next: 'switchover resume web' },
  })
  expect(interrupted.events.filter(({ event }) => event === 'result')).toHaveLength(1)
  const between = await switchover(['status', 'web'])
  expect(between.result?.details).toMatchObject({
    deployment: { version: 'v2', goal: 'deploy', stage: 'running' },
    lease: null,
  })
  const resumed = await switchover(['resume', 'web', '--yes'])
  expect(resumed).toMatchObject({ exitCode: 0, result: { outcome: 'done' } })
  const after = await switchover(['status', 'web'])
  expect(after.result?.details).toMatchObject({
    deployment: { version: 'v2', stage: 'parked' },
    lease: null,
    groups: [
      { name: 'web-blue', role: 'parked', min: 0, desired: 0 },
      { name: 'web-green', role: 'live', version: 'v2', desired: 2 },
    ],
  })
})

test('without a Region, and without credentials, it is exit 2 in one sentence', async () => {
  const nowhere = { PATH: env['PATH'] ?? '', AWS_EC2_METADATA_DISABLED: 'true', HOME: '/nonexistent' }
  expect(await switchover(['status', 'web'], undefined, nowhere)).toMatchObject({
    exitCode: 2,
    stderr: '',
    result: { outcome: 'refused', text: expect.stringContaining('--region') },
  })
  const nobody = { ...nowhere, AWS_REGION: 'us-east-1' }
  expect(await switchover(['status', 'web'], undefined, nobody)).toMatchObject({
    exitCode: 2,
    stderr: '',
    result: { outcome: 'refused', text: expect.stringContaining('credentials') },
  })
})

test('where nobody answers it is exit 1 in one sentence', async () => {
  const away = { ...env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }
  expect(await switchover(['status', 'web'], undefined, away)).toMatchObject({
    exitCode: 1,
    stderr: '',
    result: { outcome: 'failed', exitCode: 1 },
  })
})
