import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { SimulatedClock } from '@switchover/local-aws/simulated-clock'
import { simulated } from '../../test/support/account.ts'
import type { Event } from '../events.ts'
import { createNotifier } from './notify.ts'

let close: () => void = () => undefined
afterEach(() => close())

/** A webhook on loopback that answers with `status`, or never where that is null. */
async function webhook(status: number | null) {
  const bodies: unknown[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      bodies.push(JSON.parse(Buffer.concat(parts).toString()))
      if (status !== null) response.writeHead(status).end('ok')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/T0/secret` }
}

function setUp(url: string | null) {
  const time = new SimulatedClock()
  const events: Event[] = []
  const notifier = createNotifier({ clock: simulated(time), emit: (event) => events.push(event) }, url)
  return { time, events, notifier }
}

test('lines arrive as Slack wants them', async () => {
  const { bodies, url } = await webhook(200)
  const { notifier, events } = setUp(url)
  notifier.send('web: deploying v2')
  notifier.send('web: done')
  await notifier.settled()
  expect(bodies).toEqual(expect.arrayContaining([{ text: 'web: deploying v2' }, { text: 'web: done' }]))
  expect(events).toEqual([])
})

test('a webhook that refuses is warned about without its address, and nothing fails', async () => {
  const { url } = await webhook(403)
  const { notifier, events } = setUp(url)
  notifier.send('web: deploying v2')
  await notifier.settled()
  expect(events).toMatchObject([{ event: 'warning', text: expect.stringContaining('403') }])
  expect(JSON.stringify(events)).not.toContain('secret')
})

test('a webhook that never answers is given up after five seconds', async () => {
  const { url, bodies } = await webhook(null)
  const { notifier, events, time } = setUp(url)
  notifier.send('web: deploying v2')
  await expect.poll(() => bodies.length).toBe(1)
  await time.advance(4_999)
  expect(events).toEqual([])
  await time.advance(1)
  await notifier.settled()
  expect(events).toMatchObject([{ event: 'warning', text: expect.stringContaining('in time') }])
})

test('without an address nothing is sent and nothing is waited for', async () => {
  const { notifier, events } = setUp(null)
  notifier.send('web: deploying v2')
  await notifier.settled()
  expect(events).toEqual([])
})
