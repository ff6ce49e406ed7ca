import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { closeCloud, createCloud } from '@switchover/local-aws/create-cloud'
import { inProcessHandler } from '@switchover/local-aws/in-process'
import { RealClock } from '@switchover/local-aws/real-clock'
import { seededRandom } from '@switchover/local-aws/seeded-random'
import { startServer } from '@switchover/local-aws/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClients } from '../src/aws/clients.ts'
import { bucket } from './support/account.ts'
import { fillWithWebService, goodMachines } from './support/web-service.ts'

/** Real processes on a pseudo-terminal, which `script` of util-linux makes. */

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
/** So many times faster than real. */
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
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
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

/** A command on a terminal of 80 columns. */
function onTerminal(...argv: string[]) {
  const command = ['stty', 'cols', '80', 'rows', '24', '&&', 'exec', process.execPath, main, ...argv].join(
    ' ',
  )
  const child = spawn('script', ['-qefc', command, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'close') as Promise<[number | null]>
  const output = { text: '' }
  let more = Promise.withResolvers<void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.text += text
    more.resolve()
    more = Promise.withResolvers()
  })
  const plain = () => stripVTControlCharacters(output.text).replaceAll('\r', '')
  return {
    press: (key: string) => child.stdin.write(key),
    /** Anywhere in a line, for the view is drawn in patches. @throws where it ends without having shown it */
    seen: async (what: RegExp) => {
      while (!what.test(plain())) {
        const over = await Promise.race([more.promise.then(() => false), ended.then(() => true)])
        if (over && !what.test(plain())) throw new Error(`${String(what)} was never shown:\n${plain()}`)
      }
    },
    end: async () => {
      const [exitCode] = await ended
      child.stdin.end()
      return { exitCode, text: plain(), raw: output.text }
    },
  }
}

const ctrlC = '\u0003'
const bakes = ['deploy', 'web', 'v2', '--yes', '--readiness', 'load-balancer', '--bake']

test('a deployment is shown live; Ctrl-C and s stop it, and another one is taken back with b', async () => {
  const deploying = onTerminal(...bakes, '2h')
  await deploying.seen(/web {2}deploying v2 .* of about /)
  await deploying.seen(/Waiting for the end of the bake\. Until \d\d:\d\d:\d\d, in \d+m\./)
  deploying.press(ctrlC)
  await deploying.seen(/ {2}b {2}roll back to v1/)
  deploying.press('s')
  const stopped = await deploying.end()
  expect(stopped.exitCode).toBe(130)
  expect(stopped.text).toMatch(/Interrupted;.*\nNext: switchover resume web\n$/)
  // The cursor is there again.
  expect(stopped.raw.lastIndexOf('\u001B[?25h')).toBeGreaterThan(stopped.raw.lastIndexOf('\u001B[?25l'))

  const resumed = onTerminal('resume', 'web', '--yes')
  await resumed.seen(/Waiting for the end of the bake\./)
  resumed.press(ctrlC)
  await resumed.seen(/Stop\? It goes on/)
  resumed.press('b')
  const back = await resumed.end()
  expect(back.exitCode).toBe(0)
  expect(back.text).toMatch(/web runs v1 on web-blue again; v2 is gone from web-green/)
})

test('Ctrl-C and g goes on to the end', async () => {
  const deploying = onTerminal(...bakes, '3s')
  await deploying.seen(/Waiting for /)
  deploying.press(ctrlC)
  await deploying.seen(/Stop\? It goes on/)
  deploying.press('g')
  const done = await deploying.end()
  expect(done.exitCode).toBe(0)
  expect(done.text).toMatch(/web runs v2 on web-green; the earlier fleet is parked in web-blue/)
})
