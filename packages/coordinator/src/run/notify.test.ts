import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { SimulatedClock } from '@switchover/local-aws/simulated-clock'
import { simulated } from '../../test/support/account.ts'
import type { Event } from '../events.ts'
import { createNotifier } from './notify.ts'

let close: () => void = () => undefined
afterEach(() => close())

type Answering = (response: ServerResponse) => void

/** A webhook on loopback that takes what it is sent, and answers as it is told to. */
async function webhook(answer: Answering) {
  const bodies: unknown[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      bodies.push(JSON.parse(Buffer.concat(parts).toString()))
      answer(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/T0/secret` }
}

const status =
  (code: number, headers = {}): Answering =>
  (response) => {
    response.writeHead(code, headers).end('ok')
  }

/** Ten megabytes, and no end to it. */
const huge: Answering = (response) => {
  response.writeHead(200)
  for (let n = 0; n < 160; n += 1) response.write(Buffer.alloc(65_536))
}

const facts = { deployment: 'd1', service: 'web', goal: 'deploy', version: 'v2', previous_version: null }

function setUp(url: string | null) {
  const time = new SimulatedClock()
  const events: Event[] = []
  const ports = { clock: simulated(time), emit: (event: Event) => events.push(event) }
  return { time, events, notifier: createNotifier(ports, url, () => facts) }
}

test('lines arrive as Slack wants them, with what programs need as metadata', async () => {
  const { bodies, url } = await webhook(status(200))
  const { notifier, events } = setUp(url)
  notifier.send('rolled-back', 'web: v1 again')
  await notifier.settled()
  const told = { deployment: 'd1', service: 'web', goal: 'deploy', version: 'v2' }
  expect(bodies).toEqual([
    { text: 'web: v1 again', metadata: { event_type: 'switchover_rolled_back', event_payload: told } },
  ])
  expect(events).toEqual([])
})

test('a log line that a failure quotes cannot call a channel, nor fill it', async () => {
  const { bodies, url } = await webhook(status(200))
  const { notifier } = setUp(url)
  notifier.send('failed', `<!channel> & ${'x'.repeat(10_000)}`)
  await notifier.settled()
  const { text } = bodies[0] as { text: string }
  expect(text.startsWith('&lt;!channel&gt; &amp; xxx')).toBe(true)
  expect(text.length).toBeLessThan(3_100)
})

test.each([
  ['refuses', status(403), '403'],
  ['fails', status(500), '500'],
  ['redirects', status(302, { location: 'http://127.0.0.1:9/' }), '302'],
  ['hangs up', (response: ServerResponse) => response.destroy(), 'cannot be reached'],
])('a webhook that %s is warned about without its address, and nothing fails', async (_, answer, words) => {
  const { url } = await webhook(answer)
  const { notifier, events } = setUp(url)
  notifier.send('start', 'web: deploying v2')
  await notifier.settled()
  expect(events).toMatchObject([{ event: 'warning', text: expect.stringContaining(words) }])
  expect(JSON.stringify(events)).not.toContain('secret')
})

test('a webhook that nobody listens at is warned about without its address', async () => {
  const { url } = await webhook(status(200))
  close()
  const { notifier, events } = setUp(url)
  notifier.send('start', 'web: deploying v2')
  await notifier.settled()
  expect(events).toMatchObject([{ event: 'warning', text: expect.stringContaining('cannot be reached') }])
  expect(JSON.stringify(events)).not.toContain('secret')
})

test('an answer without end is not waited for', async () => {
  const { url, bodies } = await webhook(huge)
  const { notifier, events } = setUp(url)
  notifier.send('start', 'web: deploying v2')
  await notifier.settled()
  expect(bodies).toHaveLength(1)
  expect(events).toEqual([])
})

test('a webhook that never answers is given up after five seconds', async () => {
  const { url, bodies } = await webhook(() => undefined)
  const { notifier, events, time } = setUp(url)
  notifier.send('start', 'web: deploying v2')
  await expect.poll(() => bodies.length).toBe(1)
  await time.advance(4_999)
  expect(events).toEqual([])
  await time.advance(1)
  await notifier.settled()
  expect(events).toMatchObject([{ event: 'warning', text: expect.stringContaining('in time') }])
})

test('without an address nothing is sent and nothing is waited for', async () => {
  const { notifier, events } = setUp(null)
  notifier.send('start', 'web: deploying v2')
  await notifier.settled()
  expect(events).toEqual([])
})
