import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../clock.ts'
import type { Counters } from '../metrics/counters.ts'
import { expositionType } from '../metrics/exposition.ts'
import type { Status } from '../status.ts'

/** What the endpoint says, asked afresh for each request. */
export type Verdicts = {
  status: Status
  /** Whether the agent's loop turns. */
  alive: () => boolean
  /** False while a restarted agent has not verified again what it said before. */
  settled: () => boolean
  /** Text of `/metrics`. */
  metrics: () => string
  counters: Counters
  clock: Clock
}

/** Load balancers wait 5 s by default; an answer must come before. */
const settleMs = 4_000
const settlePollMs = 50
const paths = new Set(['/livez', '/readyz', '/status', '/metrics'])

/** Answers one request; nothing of it but method and path is looked at. */
export async function answer(
  verdicts: Verdicts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = pathOf(request.url ?? '')
  response.on('error', () => undefined)
  response.on('finish', () => {
    const labels = { path: paths.has(path) ? path : 'other', code: String(response.statusCode) }
    verdicts.counters.add('switchover_agent_http_requests_total', labels)
  })
  request.resume()
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return send(response, 405, 'text/plain', 'Only GET and HEAD.\n')
  }
  switch (path) {
    case '/livez':
      return verdicts.alive()
        ? send(response, 200, 'text/plain', 'alive\n')
        : send(response, 503, 'text/plain', 'The agent does not turn.\n')
    case '/readyz':
      return sendReady(verdicts, response)
    case '/status':
      return sendStatus(verdicts, response, isLoopback(request.socket.remoteAddress))
    case '/metrics':
      return send(response, 200, expositionType, verdicts.metrics())
    default:
      return send(response, 404, 'text/plain', 'Ask /livez, /readyz, /status or /metrics.\n')
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
  const said = status.answer(clock.now())
  const shown = loopback ? said : { ...said, logs: [] }
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
