import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { json, text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { eventSchema } from '@switchover/contract/event'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Event, ResultEvent } from '../src/events.ts'
import { serveWebService } from './support/served.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** Takes what is posted, and keeps what it was about. */
const webhook = { url: '', moments: [] as string[] }

async function takePost(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { metadata } = (await json(request)) as { metadata: { event_type: string } }
  webhook.moments.push(metadata.event_type.replace('switchover_', ''))
  response.end('ok')
}

let env: Record<string, string>
let close: () => Promise<void>

beforeAll(async () => {
  const served = await serveWebService()
  const hook = createServer((request, response) => void takePost(request, response))
  hook.listen(0, '127.0.0.1')
  await once(hook, 'listening')
  webhook.url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/T0/secret`
  close = async () => {
    hook.close()
    await served.close()
  }
  env = { ...served.env, PATH: process.env['PATH'] ?? '' }
})
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
    const event = eventSchema.parse(JSON.parse(line))
    events.push(event)
    onEvent(event, (name) => child.kill(name))
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [exitCode, stderr] = await Promise.all([ended, text(child.stderr)])
  const result = events.find((event) => event.event === 'result')
  return { exitCode, events, result, stderr }
}

test('Ctrl-C ends a deployment with 130 and the way to go on, resume takes it to its end, and the webhook hears of it', async () => {
  let sent = false
  const interrupted = await switchover(
    ['deploy', 'web', 'v2', '--yes', '--readiness', 'load-balancer', '--notify', webhook.url],
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
  const finished = await switchover(['finish', 'web', '--yes'])
  expect(finished).toMatchObject({ exitCode: 0, result: { outcome: 'done' } })
  expect(webhook.moments).toEqual(['start', 'interrupted', 'start', 'switch', 'done', 'start', 'done'])
  const history = await switchover(['history', 'web'])
  expect(history).toMatchObject({ exitCode: 0 })
  const reported = await switchover(['report', 'web'])
  expect(reported.result?.details).toMatchObject({
    timeline: {
      missing: [],
      // The run that was interrupted and the one that went on are one story.
      sections: [
        { name: 'deploy', rest: 'the old fleet is parked' },
        { name: 'finish', rest: 'finished' },
      ],
    },
  })
  const file = join(tmpdir(), `report-${randomUUID()}.html`)
  expect(await switchover(['report', 'web', '--html', file])).toMatchObject({ exitCode: 0, stderr: '' })
  const page = await readFile(file, 'utf8')
  await rm(file)
  expect(page).toContain('<title>web: v1 → v2</title>')
  const told = JSON.stringify([interrupted, between, resumed, after, finished, history, reported])
  expect(told + page).not.toContain('secret')
})

test('a signal while the program is still being loaded is answered like any other', async () => {
  const early = `import { registerHooks } from 'node:module'
    registerHooks({
      load(url, context, next) {
        if (url.endsWith('/aws/clients.ts')) process.kill(process.pid, 'SIGINT')
        return next(url, context)
      },
    })`
  const options = { ...env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(early)}` }
  const ended = await switchover(['status', 'web'], undefined, options)
  expect(ended).toMatchObject({ exitCode: 130, stderr: '', result: { outcome: 'interrupted' } })
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
