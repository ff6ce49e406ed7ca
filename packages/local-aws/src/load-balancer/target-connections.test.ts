import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ConnectionPool } from './target-connections.ts'

/** A target that keeps its connections for ever. */
const server = createServer({ keepAliveTimeout: 0 }, (_, response) => response.end('hello'))
const pool = new ConnectionPool(50)
beforeEach(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  pool.close()
  server.closeAllConnections()
  server.close()
})

test('an idle connection to a target is closed after its time', async () => {
  const opened = once(server, 'connection') as Promise<[Socket]>
  const { agent } = pool.of('arn', 'i-1')
  const [answer] = (await once(
    get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, agent }),
    'response',
  )) as [IncomingMessage]
  expect(answer.headers.connection).toBe('keep-alive')
  answer.resume()
  const [socket] = await opened
  await once(socket, 'close')
})
