import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'

/** About one connection only (RFC 9110, 7.6.1); Transfer-Encoding stays, for it says whether a body follows. */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'te',
  'trailer',
  'upgrade',
]

export function endToEnd(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase())
  const dropped = new Set([...hopByHop, ...named])
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)))
}

/** What an Application Load Balancer adds for its target (ALB guide, HTTP headers). */
export function forwardedHeaders(
  headers: IncomingHttpHeaders,
  client: { address: string; port: number; traceId: string },
): OutgoingHttpHeaders {
  const before = headers['x-forwarded-for']
  const chain = before === undefined || before === '' ? [] : [before].flat()
  return {
    ...endToEnd(headers),
    'x-forwarded-for': [...chain, client.address].join(', '),
    'x-forwarded-proto': 'http',
    'x-forwarded-port': String(client.port),
    'x-amzn-trace-id': headers['x-amzn-trace-id'] ?? client.traceId,
  }
}
