import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import { Counters } from '../metrics/counters.ts'
import { exposition } from '../metrics/exposition.ts'
import { Status } from '../status.ts'
import { startEndpoint, type Endpoint } from './server.ts'

let ticks = 0
/** Tells what came first, and runs out for nobody, however this machine stalls. */
const clock = { ...systemClock, now: () => (ticks += 0.001) }

/** However it closes: who is sent away while he still writes sees a reset. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve()
    else socket.once('close', () => resolve())
  })
}

/** Slow, wrong and hostile clients, over real sockets on the loopback network, which has many addresses. */
describe('the endpoint under hostile clients', () => {
  let status: Status
  let settled: boolean
  let endpoint: Endpoint
  let sockets: Socket[]
  let counters: Counters
  beforeEach(async () => {
    status = new Status(0, (at) => new Date(at))
    status.update(
      { phase: 'ready', ready: true, step: { kind: 'rest', ms: 1 }, reason: null, images: [] },
      null,
      0,
    )
    settled = true
    sockets = []
    counters = new Counters()
    const metrics = () => exposition(counters.families())
    const verdicts = {
      status,
      alive: () => true,
      settled: () => settled,
      metrics,
      counters,
      clock,
    }
    endpoint = await startEndpoint(verdicts, { port: 0 })
  })
  afterEach(async () => {
    for (const socket of sockets) socket.destroy()
    await endpoint.close()
  })

  async function open(localAddress = '127.0.0.1'): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port: endpoint.port, localAddress })
    socket.on('error', () => undefined)
    sockets.push(socket)
    await once(socket, 'connect')
    return socket
  }

  async function open1000(from: (index: number) => string): Promise<Socket[]> {
    const flood = await Promise.all(Array.from({ length: 1_000 }, (_, index) => open(from(index))))
    // What the endpoint says as it sends them away must not keep them.
    for (const socket of flood) socket.resume()
    return flood
  }

  /** One check as a load balancer makes it; again where this machine stood still while a request has to come whole. */
  async function check(from?: string): Promise<number> {
    const code = await askReadyz(from)
    return code === 408 ? check(from) : code
  }

  function askReadyz(localAddress = '127.0.0.2'): Promise<number> {
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(30_000)
      const where = { host: '127.0.0.1', port: endpoint.port, path: '/readyz', localAddress }
      const request = httpRequest({ ...where, agent: false, signal }, (response) => {
        response.resume()
        response.on('end', () => resolve(response.statusCode ?? 0))
      })
      request.on('error', reject)
      request.end()
    })
  }

  const checks = async (times: number, from?: string): Promise<number[]> => {
    const codes: number[] = []
    for (let done = 0; done < times; done += 1) codes.push(await check(from))
    return codes
  }

  /**
   * A flood, and what is done before it has ended. Where the machine stalled, the endpoint had sent it away first: then
   * nothing is proved, and it comes again.
   */
  async function flooded(from: (index: number) => string, work: () => Promise<void>): Promise<Socket[]> {
    for (;;) {
      const flood = await open1000(from)
      await work()
      if (flood.some((socket) => !socket.closed)) return flood
    }
  }

  /** All that a raw request is answered with, until the other side closes. */
  async function answer(text: string | Buffer, half = false): Promise<string> {
    const socket = await open()
    let answered = ''
    socket.setEncoding('latin1').on('data', (part: string) => (answered += part))
    if (half) socket.end(text)
    else socket.write(text)
    await closed(socket)
    return answered
  }

  test('1,000 idle connections from one address take no check from the load balancer, nor from that address', async () => {
    const flood = await flooded(
      () => '127.0.0.1',
      async () => {
        expect(await checks(10)).toEqual(Array(10).fill(200))
        expect(await checks(10, '127.0.0.1')).toEqual(Array(10).fill(200))
      },
    )
    await expect.poll(() => flood.filter((socket) => !socket.closed).length).toBeLessThanOrEqual(32)
  })

  test('1,000 idle connections from 250 addresses take none either', async () => {
    const flood = await flooded(
      (index) => `127.0.1.${1 + (index % 250)}`,
      async () => expect(await checks(10)).toEqual(Array(10).fill(200)),
    )
    await expect.poll(() => flood.filter((socket) => !socket.closed).length).toBeLessThanOrEqual(256)
    expect(exposition(counters.families())).toMatch(/^switchover_agent_http_turned_away_total [1-9]/m)
  })

  test('a check that waits for a restarted agent keeps its place in a flood', async () => {
    settled = false
    const waiting = check()
    await open1000((index) => `127.0.1.${1 + (index % 250)}`)
    settled = true
    expect(await waiting).toBe(200)
  })

  test('nobody waits for a client that says nothing, nor for headers that come drop by drop', async () => {
    const [silent, slow] = [await open(), await open()]
    slow.write('GET /readyz HTTP/1.1\r\nhost: x\r\n')
    const drip = setInterval(() => slow.write('x-more: y\r\n'), 50)
    let answered = ''
    slow.setEncoding('latin1').on('data', (part: string) => (answered += part))
    silent.resume()
    expect(await checks(3)).toEqual([200, 200, 200])
    await Promise.all([closed(slow), closed(silent)])
    clearInterval(drip)
    expect(answered).toMatch(/^(HTTP\/1.1 408 |$)/)
  })

  test('a body is not read', async () => {
    const head = 'GET /readyz HTTP/1.1\r\nhost: x\r\n'
    expect(await answer(`${head}content-length: 5\r\n\r\nhello`)).toMatch(/^HTTP\/1.1 200 /)
    expect(await answer(`${head}content-length: 1000000000\r\n\r\nonly this`)).toMatch(/^HTTP\/1.1 200 /)
    expect(await answer(`${head}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n`)).toMatch(/^HTTP\/1.1 200 /)
  })

  test('of pipelined requests the first is answered in full, the others are not', async () => {
    const one = 'GET /status HTTP/1.1\r\nhost: x\r\n\r\n'
    const answered = await answer(one.repeat(1_000))
    expect(answered).toMatch(/^HTTP\/1.1 200 /)
    expect(answered.split('HTTP/1.1 200 ')).toHaveLength(2)
    expect(await check()).toBe(200)
  })

  test.each<[string, string, RegExp]>([
    ['HTTP/1.0', 'GET /readyz HTTP/1.0\r\n\r\n', /^HTTP\/1.1 200 /],
    ['the absolute form', 'GET http://x:8090/readyz?a=b HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1.1 200 /],
    ['HTTP/1.1 without a host', 'GET /readyz HTTP/1.1\r\n\r\n', /^HTTP\/1.1 400 /],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1.1 405 /],
    ['a method that changes things', 'DELETE /status HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1.1 405 /],
    ['a method nobody knows', 'BREW /readyz HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1.1 400 /],
    ['a tunnel', 'CONNECT /readyz HTTP/1.1\r\nhost: x\r\n\r\n', /^(HTTP\/1.1 40|$)/],
    [
      'an upgrade',
      'GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n',
      /^HTTP\/1.1 200 /,
    ],
    ['a path out of bounds', 'GET /../../etc/passwd HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1.1 404 /],
    [
      'headers beyond 8 KiB',
      `GET /readyz HTTP/1.1\r\nhost: x\r\na: ${'b'.repeat(9_000)}\r\n\r\n`,
      /^HTTP\/1.1 431 /,
    ],
    [
      'a smuggled length',
      'GET /readyz HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      /^HTTP\/1.1 400 /,
    ],
  ])('%s has its answer, and the next check has too', async (_, text, expected) => {
    expect(await answer(text)).toMatch(expected)
    expect(await check()).toBe(200)
  })

  test('bytes that are no HTTP end the connection', async () => {
    const tls = Buffer.from('16030100a5010000a10303', 'hex')
    for (const bytes of [tls, Buffer.alloc(65_536, 0xff), Buffer.alloc(1)]) {
      expect(await answer(bytes)).toMatch(/^(HTTP\/1.1 4|$)/)
    }
    expect(await check()).toBe(200)
  })

  test('a client that has sent all and closed its half is answered', async () => {
    expect(await answer('GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n', true)).toMatch(/^HTTP\/1.1 200 /)
    expect(await answer('GET /rea', true)).toMatch(/^(HTTP\/1.1 400 |$)/)
    expect(await answer('', true)).toBe('')
  })

  test('so is one that has to wait for it', async () => {
    settled = false
    const waiting = answer('GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n', true)
    await answer('GET /livez HTTP/1.1\r\nhost: x\r\n\r\n', true)
    settled = true
    expect(await waiting).toMatch(/^HTTP\/1.1 200 /)
  })
})
