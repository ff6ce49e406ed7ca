import { type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http'
import type { Clock } from '../clock.ts'
import { endToEnd, forwardedHeaders } from './headers.ts'
import { IdleWatch } from './idle-watch.ts'
import type { TargetConnections } from './target-connections.ts'

/** An Application Load Balancer's defaults (ALB guide, load balancer attributes and troubleshooting). */
export const idleTimeoutMs = 60_000
const connectTimeoutMs = 10_000

export type Upstream = Readonly<{ ip: string; port: number; connections: TargetConnections }>

/**
 * Passes one request to a target and its answer back, both as streams. A target that fails is not asked again, and no other is asked instead:
 * the client sees 502 (refused, reset, malformed, cut at the end of draining) or 504 (no connection in 10 s, nothing heard for 60 s).
 */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  target: Upstream,
  context: { clock: Clock; listenerPort: number; traceId: string },
): void {
  const { clock } = context
  const { agent, inFlight } = target.connections
  const upstream = httpRequest({
    host: target.ip,
    port: target.port,
    method: request.method,
    path: request.url,
    agent,
    headers: forwardedHeaders(request.headers, {
      address: request.socket.remoteAddress ?? '',
      port: context.listenerPort,
      traceId: context.traceId,
    }),
  })
  let ended = false
  const fail = (status: number) => {
    if (ended) return
    ended = true
    request.unpipe(upstream)
    request.resume()
    upstream.destroy()
    if (response.headersSent) response.destroy()
    else answerItself(response, status)
  }
  const cut = () => fail(502)
  const idle = new IdleWatch(clock, idleTimeoutMs, () => fail(504))
  inFlight.add(cut)

  response.on('close', () => {
    ended = true
    inFlight.delete(cut)
    idle.stop()
    if (!response.writableFinished) upstream.destroy()
  })
  upstream.on('socket', (socket) => {
    if (!socket.connecting) return
    const stop = clock.after(connectTimeoutMs, () => fail(504))
    socket.once('connect', stop)
    socket.once('close', stop)
  })
  upstream.on('error', () => fail(502))
  upstream.on('response', (answer) => {
    idle.touch()
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer.headers))
    answer.on('data', () => idle.touch())
    answer.on('error', () => fail(502))
    answer.pipe(response)
  })
  request.on('data', () => idle.touch())
  request.pipe(upstream)
}

const titles: Readonly<Record<number, string>> = {
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
}

/** The load balancer's own answer, in the form of AWS's. */
export function answerItself(response: ServerResponse, status: number): void {
  const title = `${status} ${titles[status] ?? ''}`.trim()
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`
  response
    .writeHead(status, {
      server: 'awselb/2.0',
      'content-type': 'text/html',
      'content-length': Buffer.byteLength(body),
    })
    .end(body)
}
