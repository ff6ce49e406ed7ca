import { networkInterfaces } from 'node:os'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import type { Decision } from '../decide/step.ts'
import { Counters } from '../metrics/counters.ts'
import { Status } from '../status.ts'
import { startEndpoint, type Endpoint } from './server.ts'

const ready: Decision = {
  phase: 'ready',
  ready: true,
  step: { kind: 'rest', ms: 1 },
  reason: null,
  images: [],
}

describe('the endpoint', () => {
  let status: Status
  let alive: boolean
  let settled: boolean
  let endpoint: Endpoint
  let counters: Counters
  beforeEach(async () => {
    status = new Status(0, (at) => new Date(at))
    alive = true
    settled = true
    counters = new Counters()
    endpoint = await startEndpoint(
      {
        status,
        alive: () => alive,
        settled: () => settled,
        metrics: () => 'a 1\n',
        counters,
        // Nobody's patience ends, however this machine stalls.
        clock: { ...systemClock, now: () => 0 },
      },
      { port: 0 },
    )
  })
  afterEach(() => endpoint.close())

  function ask(
    path: string,
    options: { method?: string; headers?: Record<string, string>; host?: string } = {},
  ) {
    return new Promise<{ code: number; body: string }>((resolve, reject) => {
      const request = httpRequest(
        { host: '127.0.0.1', port: endpoint.port, path, agent: false, ...options },
        (response) => {
          let body = ''
          response.setEncoding('utf8')
          response.on('data', (part: string) => (body += part))
          response.on('end', () => resolve({ code: response.statusCode ?? 0, body }))
        },
      )
      request.on('error', reject)
      request.end()
    })
  }

  test('is not ready before it is, and says why', async () => {
    expect(await ask('/readyz')).toEqual({ code: 503, body: 'booting\n' })
    const reason = { code: 'no-group', sentence: 'No group yet.', kind: 'retryable' } as const
    status.update({ ...ready, phase: 'resolving', ready: false }, reason, 1)
    expect(await ask('/readyz')).toEqual({ code: 503, body: 'resolving: No group yet.\n' })
    status.update(ready, null, 2)
    expect(await ask('/readyz?x=1')).toEqual({ code: 200, body: 'ready\n' })
  })

  test('waits for the first verdict of a restarted agent instead of failing a check', async () => {
    settled = false
    const asked = ask('/readyz')
    await ask('/livez')
    status.update(ready, null, 1)
    settled = true
    expect((await asked).code).toBe(200)
  })

  test('tells liveness from readiness', async () => {
    expect((await ask('/livez')).code).toBe(200)
    alive = false
    expect((await ask('/livez')).code).toBe(503)
  })

  test('shows the report with its times', async () => {
    status.identity = { instanceId: 'i-0123456789abcdef0', region: 'us-east-1' }
    status.update(ready, null, 500)
    expect(JSON.parse((await ask('/status')).body)).toMatchObject({
      instanceId: 'i-0123456789abcdef0',
      phase: 'ready',
      timings: { booting: 500 },
    })
  })

  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address
  test.runIf(outside)('shows what containers logged to this machine alone', async () => {
    status.identity = { instanceId: 'i-0123456789abcdef0', region: 'us-east-1' }
    const reason = { code: 'app-exited', sentence: 'It is gone.', kind: 'retryable' } as const
    status.update({ ...ready, phase: 'verifying', ready: false }, reason, 500)
    status.logs = [{ service: 'web', lines: ['a line'] }]
    expect((await ask('/status')).body).toContain('a line')
    const { code, body } = await ask('/status', { host: outside ?? '' })
    expect(code).toBe(200)
    expect(body).not.toContain('a line')
  })

  test('answers GET and HEAD alone, to paths it has', async () => {
    expect((await ask('/readyz', { method: 'POST' })).code).toBe(405)
    expect(await ask('/livez', { method: 'HEAD' })).toEqual({ code: 200, body: '' })
    expect((await ask('/other')).code).toBe(404)
    expect((await ask('/readyz', { headers: { big: 'x'.repeat(20_000) } })).code).toBe(431)
  })

  test('shows metrics, and counts what it was asked by paths it has', async () => {
    expect(await ask('/metrics')).toEqual({ code: 200, body: 'a 1\n' })
    await ask('/secret-42')
    await ask('/secret-43?x')
    const rows = counters.families().find(({ name }) => name.includes('http_requests'))?.rows
    expect(rows).toEqual([
      { labels: { path: '/metrics', code: '200' }, value: 1 },
      { labels: { path: 'other', code: '404' }, value: 2 },
    ])
  })

  test('closes what is no request', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(endpoint.port, '127.0.0.1', () => socket.write('nonsense\r\n\r\n'))
      let text = ''
      socket.on('data', (part) => (text += part.toString()))
      socket.on('close', () => resolve(text))
      socket.on('error', reject)
    })
    expect(answer).toMatch(/^HTTP\/1.1 400 /)
  })
})
