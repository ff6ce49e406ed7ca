import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { closeServer, listen } from '../listening.ts'
import type { Clock } from '../clock.ts'
import { SimulatedClock } from '../simulated-clock.ts'
import { httpProbe } from './http-probe.ts'

const clock = new SimulatedClock()
let server: Server | undefined

afterEach(async () => {
  if (server?.listening) await closeServer(server)
})

async function serve(listener: RequestListener): Promise<number> {
  server = createServer(listener)
  return await listen(server, '127.0.0.1', 0)
}

const okStatus = (status: number) => status === 200

function check(port: number, by: Clock = clock) {
  return httpProbe(by)({ ip: '127.0.0.1', port, path: '/readyz', timeoutMs: 2_000, okStatus })
}

test('a fresh connection each time, as the health checker of ELB', async () => {
  const seen: IncomingMessage[] = []
  const port = await serve((request, response) => {
    seen.push(request)
    response.end('ok')
  })
  expect([await check(port), await check(port)]).toEqual([{ ok: true }, { ok: true }])
  expect(seen.map((request) => request.url)).toEqual(['/readyz', '/readyz'])
  expect(seen[0]?.headers['user-agent']).toBe('ELB-HealthChecker/2.0')
  expect(seen[0]?.socket).not.toBe(seen[1]?.socket)
})

test('another status names itself', async () => {
  const port = await serve((_request, response) => response.writeHead(503).end())
  expect(await check(port)).toEqual({
    ok: false,
    reason: 'Target.ResponseCodeMismatch',
    description: 'Health checks failed with these codes: [503]',
  })
})

test('no answer within the timeout', async () => {
  const reached = Promise.withResolvers<void>()
  const port = await serve(() => reached.resolve())
  const result = check(port)
  await reached.promise
  await clock.advance(2_000)
  expect(await result).toEqual({ ok: false, reason: 'Target.Timeout', description: 'Request timed out' })
})

test('a target is not blamed for the time in which the load balancer itself stood still', async () => {
  const reached = Promise.withResolvers<() => void>()
  const port = await serve((_request, response) => reached.resolve(() => response.end('ok')))
  let stoodMs = 0
  const stalling: Clock = {
    now: () => clock.now() + stoodMs,
    after: (delayMs, task) => clock.after(delayMs, task),
  }
  const result = check(port, stalling)
  const answer = await reached.promise
  stoodMs = 3_000
  await clock.advance(4_999)
  answer()
  expect(await result).toEqual({ ok: true })
})

test('nobody listening', async () => {
  const port = await serve(() => {})
  if (server) await closeServer(server)
  expect(await check(port)).toMatchObject({ ok: false, reason: 'Target.FailedHealthChecks' })
})
