import { createServer, type Server } from 'node:http'
import { request } from 'node:https'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { checkServerIdentity } from 'node:tls'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startRegistryFront, type RegistryFault, type RegistryFront } from './registry-front.ts'

const HOSTNAME = '123456789012.dkr.ecr.us-east-1.amazonaws.com'

let behind: Server
let front: RegistryFront
let fault: RegistryFault | null = null

beforeAll(async () => {
  // Says what reached it.
  behind = createServer((incoming, response) => {
    let body = ''
    incoming.on('data', (chunk: Buffer) => (body += chunk.toString()))
    incoming.on('end', () => {
      const { authorization, host, 'x-forwarded-proto': scheme } = incoming.headers
      response.writeHead(202, { 'content-type': 'application/json', 'x-from': 'behind' })
      response.end(
        JSON.stringify({ method: incoming.method, url: incoming.url, authorization, host, scheme, body }),
      )
    })
  }).listen(0, '127.0.0.1')
  await once(behind, 'listening')
  front = await startRegistryFront({
    hostname: HOSTNAME,
    host: '127.0.0.1',
    upstream: `http://127.0.0.1:${(behind.address() as AddressInfo).port}`,
    denial: (token, { method, path }) => {
      if (token !== 'good:token') return 'Your authorization token has expired. Reauthenticate and try again.'
      return path === '/v2/shop/manifests/v1' ? `No ${method} of that.` : null
    },
    fault: () => fault,
  })
})

afterEach(() => {
  fault = null
})

afterAll(async () => {
  await front.close()
  behind.close()
})

test('without a login it asks for one, as ECR does', async () => {
  const answer = await ask('/v2/', {})
  expect(answer.status).toBe(401)
  expect(answer.headers['www-authenticate']).toBe(
    `Basic realm="https://${HOSTNAME}/",service="ecr.amazonaws.com"`,
  )
})

test.each([
  ['another user', basic('root', 'good:token'), 401],
  ['another scheme', 'Bearer good:token', 401],
  ['a token that ended', basic('AWS', 'old'), 403],
])('%s is refused', async (_, authorization, status) => {
  const answer = await ask('/v2/', { authorization })
  expect(answer.status).toBe(status)
  if (status === 403)
    expect(JSON.parse(answer.body)).toEqual({
      errors: [
        { code: 'DENIED', message: 'Your authorization token has expired. Reauthenticate and try again.' },
      ],
    })
})

test('what the login is not good for is denied, by method and path', async () => {
  const answer = await ask('/v2/shop/manifests/v1?ns=x', { authorization: basic('AWS', 'good:token') })
  expect(answer.status).toBe(403)
  expect(JSON.parse(answer.body)).toEqual({ errors: [{ code: 'DENIED', message: 'No GET of that.' }] })
})

test('with a login everything passes but the login itself', async () => {
  const answer = await ask(
    '/v2/web/blobs/uploads/?digest=x',
    { authorization: basic('AWS', 'good:token') },
    'layer',
  )
  expect(answer.status).toBe(202)
  expect(answer.headers['x-from']).toBe('behind')
  expect(JSON.parse(answer.body)).toEqual({
    method: 'POST',
    url: '/v2/web/blobs/uploads/?digest=x',
    host: HOSTNAME,
    scheme: 'https',
    body: 'layer',
  })
})

test('its certificate is good for its name only', async () => {
  await expect(ask('/v2/', {}, '', 'evil.example')).rejects.toThrow(/altnames/)
})

test('a fault refuses whoever asks, in the words of a registry', async () => {
  fault = { kind: 'refuse', status: 429, code: 'TOOMANYREQUESTS', message: 'Rate exceeded' }
  const answer = await ask('/v2/', { authorization: basic('AWS', 'good:token') })
  expect(answer.status).toBe(429)
  expect(JSON.parse(answer.body)).toEqual({ errors: [{ code: 'TOOMANYREQUESTS', message: 'Rate exceeded' }] })
})

test('a cut breaks a layer off, and nothing else', async () => {
  fault = { kind: 'cut', afterBytes: 10 }
  const authorization = basic('AWS', 'good:token')
  await expect(ask('/v2/web/blobs/sha256:0', { authorization })).rejects.toThrow()
  expect((await ask('/v2/web/manifests/v1', { authorization })).status).toBe(202)
})

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

type Answer = { status: number; headers: Record<string, unknown>; body: string }

function ask(
  path: string,
  headers: Record<string, string>,
  body = '',
  servername = HOSTNAME,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: front.port,
        servername,
        ca: front.authority,
        path,
        method: body === '' ? 'GET' : 'POST',
        headers: { ...headers, host: HOSTNAME },
        agent: false,
        checkServerIdentity: (_, certificate) => checkServerIdentity(servername, certificate),
      },
      (response) => {
        let received = ''
        response.on('data', (chunk: Buffer) => (received += chunk.toString()))
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: received }),
        )
        response.on('error', reject)
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}
