import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answer, type Verdicts } from './answer.ts'
import { Guests } from './guests.ts'

export type Endpoint = { port: number; close(): Promise<void> }

const headerBytesMax = 8 * 1024
/** A request has to come whole within this time: no body is ever read. */
const requestMs = 2_000
const sweepMs = 500
/** An endpoint that closes answers what it was asked; who is still asking after this is not waited for. */
const closeMs = 1_000

/**
 * The agent's read-only endpoint: `/livez`, `/readyz`, `/status` and `/metrics` by GET and HEAD, one request a
 * connection, with bounded headers, connections and time. Whoever fills it up loses places of his own, and no load balancer its checks.
 * @param where the descriptor systemd passed, or a port to listen on (0: any)
 */
export async function startEndpoint(
  verdicts: Verdicts,
  where: { fd: number } | { port: number },
): Promise<Endpoint> {
  const guests = new Guests(verdicts.clock, verdicts.counters)
  const server = createServer(
    {
      maxHeaderSize: headerBytesMax,
      headersTimeout: requestMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: sweepMs,
      keepAlive: false,
    },
    (request, response) => {
      guests.asked(request.socket)
      void answer(verdicts, request, response)
    },
  )
  // What comes pipelined after the first request is not answered.
  server.maxRequestsPerSocket = 1
  // Node's own, not in its documentation: a client that has closed its half still gets an answer it waits for.
  Object.assign(server, { httpAllowHalfOpen: true })
  server.on('connection', (socket) => guests.admit(socket))
  await listen(server, where)
  const unsweep = verdicts.clock.every(sweepMs, () => guests.sweep())
  const address = server.address() as AddressInfo | null
  return {
    port: address?.port ?? 0,
    close: () =>
      new Promise((resolve) => {
        const closed = new AbortController()
        server.close(() => {
          unsweep()
          closed.abort()
          resolve()
        })
        void verdicts.clock.sleep(closeMs, closed.signal).then(() => server.closeAllConnections())
      }),
  }
}

function listen(server: Server, where: { fd: number } | { port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(where, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
