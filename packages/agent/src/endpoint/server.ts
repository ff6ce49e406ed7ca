import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../clock.ts'
import type { Status } from '../status.ts'
import { Guests } from './guests.ts'

/** What the endpoint says, asked afresh for each request. */
export type Verdicts = {
  status: Status
  /** Whether the agent's loop turns. */
  alive: () => boolean
  /** False while a restarted agent has not verified again what it said before. */
  settled: () => boolean
  clock: Clock
}

export type Endpoint = { port: number; close(): Promise<void> }

const headerBytesMax = 8 * 1024
/** A request has to come whole within this time: no body is ever read. */
const requestMs = 2_000
const sweepMs = 500
/** Load balancers wait 5 s by default; an answer must come before. */
const settleMs = 4_000
const settlePollMs = 50
/** An endpoint that closes answers what it was asked; who is still asking after this is not waited for. */
const closeMs = 1_000

/**
 * The agent's read-only endpoint: `/livez`, `/readyz` and `/status` by GET and HEAD, one request a connection, with
 * bounded headers, connections and time. Whoever fills it up loses places of his own, and no load balancer its checks.
 * @param where the descriptor systemd passed, or a port to listen on (0: any)
 */
export async function startEndpoint(
  verdicts: Verdicts,
  where: { fd: number } | { port: number },
): Promise<Endpoint> {
  const guests = new Guests(verdicts.clock)
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

async function answer(verdicts: Verdicts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.on('error', () => undefined)
  request.resume()
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return send(response, 405, 'text/plain', 'Only GET and HEAD.\n')
  }
  switch (pathOf(request.url ?? '')) {
    case '/livez':
      return verdicts.alive()
        ? send(response, 200, 'text/plain', 'alive\n')
        : send(response, 503, 'text/plain', 'The agent does not turn.\n')
    case '/readyz':
      return sendReady(verdicts, response)
    case '/status':
      return sendStatus(verdicts, response, isLoopback(request.socket.remoteAddress))
    default:
      return send(response, 404, 'text/plain', 'Ask /livez, /readyz or /status.\n')
  }
}

/** Path of a request target in origin or absolute form (RFC 9112, 3.2): proxies send the latter. */
function pathOf(target: string): string {
  return target.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0] ?? ''
}

async function sendReady({ status, settled, clock }: Verdicts, response: ServerResponse): Promise<void> {
  const until = clock.now() + settleMs
  while (!settled() && clock.now() < until && !response.destroyed) await clock.sleep(settlePollMs)
  const { phase, ready, reason } = status
  if (ready) return send(response, 200, 'text/plain', `${phase}\n`)
  send(response, 503, 'text/plain', reason === null ? `${phase}\n` : `${phase}: ${reason.sentence}\n`)
}

/** What containers logged is for this machine and for the store alone. */
function sendStatus({ status, clock }: Verdicts, response: ServerResponse, loopback: boolean): void {
  const report = status.report(clock.now())
  if (report === null) {
    return send(
      response,
      200,
      'application/json',
      `${JSON.stringify({ phase: status.phase, reason: status.reason })}\n`,
    )
  }
  const shown = loopback ? report : { ...report, logs: [] }
  send(response, 200, 'application/json', `${JSON.stringify(shown, null, 2)}\n`)
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(::1|(::ffff:)?127\.)/.test(address)
}

function send(response: ServerResponse, code: number, type: string, body: string): void {
  response.writeHead(code, {
    'content-type': `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    connection: 'close',
  })
  response.end(body)
}
