import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock, type Clock } from './clock.ts'
import { imdsClient, ImdsError, type Imds } from './imds.ts'

type Seen = { method: string; path: string; token: string | null; forwarded: boolean }

describe('the metadata client', () => {
  let server: Server
  let seen: Seen[]
  let tokens: number
  let now: number
  let answer: (request: IncomingMessage, response: ServerResponse, token: string | null) => void
  let imds: Imds

  /** Without limits of time, which a machine that stalls would exceed. */
  const clock: Clock = { ...systemClock, now: () => now, deadline: () => new AbortController().signal }

  beforeEach(async () => {
    seen = []
    tokens = 0
    now = 1_000_000
    answer = (_, response) => response.end('i-0123456789abcdef0')
    server = createServer((request, response) => {
      const token = request.headers['x-aws-ec2-metadata-token']?.toString() ?? null
      const { method = '', url = '' } = request
      seen.push({ method, path: url, token, forwarded: 'x-forwarded-for' in request.headers })
      if (method === 'PUT' && url === '/latest/api/token') {
        tokens += 1
        response.setHeader('x-aws-ec2-metadata-token-ttl-seconds', '21600')
        return response.end(`token-${tokens}`)
      }
      return answer(request, response, token)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    imds = imdsClient({ endpoint: `http://127.0.0.1:${port}`, clock })
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  test('takes one token for many requests and never asks without it', async () => {
    await Promise.all([imds.get('meta-data/instance-id'), imds.get('meta-data/instance-id')])
    expect(seen.map(({ method, token }) => [method, token])).toEqual([
      ['PUT', null],
      ['GET', 'token-1'],
      ['GET', 'token-1'],
    ])
    expect(seen.some(({ forwarded }) => forwarded)).toBe(false)
  })

  test('renews the token at four fifths of its life', async () => {
    await imds.get('x')
    now += 21_600_000 * 0.79
    await imds.get('x')
    expect(tokens).toBe(1)
    now += 21_600_000 * 0.02
    await imds.get('x')
    expect(tokens).toBe(2)
  })

  test('takes a new token once after a 401, and only once', async () => {
    answer = (_, response, token) => {
      response.statusCode = token === 'token-1' ? 401 : 200
      response.end('ok')
    }
    expect(await imds.get('x')).toBe('ok')
    answer = (_, response) => {
      response.statusCode = 401
      response.end()
    }
    const before = seen.length
    await expect(imds.get('x')).rejects.toMatchObject({ status: 401 })
    expect(seen.slice(before).map(({ method }) => method)).toEqual(['GET', 'PUT', 'GET'])
  })

  test('reads absence as null and refusal as an error', async () => {
    answer = (_, response) => {
      response.statusCode = 404
      response.end()
    }
    expect(await imds.get('meta-data/autoscaling/target-lifecycle-state')).toBeNull()
    answer = (_, response) => {
      response.statusCode = 403
      response.end()
    }
    await expect(imds.get('x')).rejects.toThrow(/switched off/)
    await expect(imds.get('x')).rejects.toBeInstanceOf(ImdsError)
  })

  test('names the hop limit where the token request runs into its time limit, and not where it is called off', async () => {
    const deadline = new AbortController()
    const called = new AbortController()
    let cut = (): void => deadline.abort()
    const silent = createServer(() => cut())
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const client = (signal: AbortSignal) =>
      imdsClient({ endpoint, clock: { ...systemClock, deadline: () => signal } })
    try {
      await expect(client(deadline.signal).get('x')).rejects.toThrow(/HttpPutResponseHopLimit/)
      cut = () => called.abort()
      const off = client(new AbortController().signal).get('x', called.signal)
      await expect(off).rejects.toMatchObject({ name: 'AbortError' })
    } finally {
      silent.closeAllConnections()
      await new Promise((resolve) => silent.close(resolve))
    }
  })

  test('goes on after a failure', async () => {
    answer = (_, response) => {
      response.statusCode = 503
      response.end()
    }
    await expect(imds.get('x')).rejects.toMatchObject({ status: 503 })
    answer = (request) => request.socket.destroy()
    await expect(imds.get('x')).rejects.toThrow()
    answer = (_, response) => response.end('back')
    expect(await imds.get('x')).toBe('back')
  })
})
