import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { systemClock } from './clock.ts'
import { probe } from './probe.ts'

test('a login in the URL is used, and never told', async () => {
  const logins: (string | undefined)[] = []
  const server = createServer((request, response) => {
    logins.push(request.headers.authorization)
    response.writeHead(503).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://ops:hunter22@127.0.0.1:${port}/health`
  const refused = await probe(url, 60_000, systemClock)
  await new Promise((resolve) => server.close(resolve))
  const gone = await probe(url, 60_000, systemClock)
  expect(logins).toEqual([`Basic ${Buffer.from('ops:hunter22').toString('base64')}`])
  expect([refused.ok, gone.ok]).toEqual([false, false])
  expect(refused.detail).toBe(`http://ops:[redacted]@127.0.0.1:${port}/health answers 503.`)
  expect(gone.detail).toContain('ECONNREFUSED')
  expect(gone.detail).not.toContain('hunter22')
})
