import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { randomBytes } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { closeServer, listen } from '../../listening.ts'
import { metadataTree, nodeAt, textOf, type Metadata } from './metadata.ts'

/** How one instance's metadata service is set up: EC2's MetadataOptions. */
export type MetadataSettings = Readonly<{
  /** `optional` answers IMDSv1 requests as well. */
  httpTokens: 'required' | 'optional'
  /** `disabled` answers everything with 403. */
  httpEndpoint: 'enabled' | 'disabled'
  /** False behaves as a hop limit that is too small does: the token request never gets an answer. */
  tokenReachesCaller: boolean
  /** What goes wrong now, or null. */
  fault: ImdsFault | null
}>

/**
 * An answer with a status of its own, one that comes late (by the cloud's clock), or a connection that is cut. It hits
 * the paths that match, `latest/api/token` among them; all where none is given.
 */
export type ImdsFault = Readonly<{ paths?: RegExp }> &
  (
    | Readonly<{ kind: 'status'; status: 401 | 403 | 404 | 429 | 500 | 502 | 503 | 504 }>
    | Readonly<{ kind: 'slow'; ms: number }>
    | Readonly<{ kind: 'reset' }>
  )

export type InstanceView = MetadataSettings & Readonly<{ metadata: Metadata }>

export type ImdsRequest = Readonly<{
  ip: string
  method: string
  path: string
  status: number
  /** Whether the request carried a token. */
  token: boolean
}>

export type ImdsOptions = Readonly<{
  host: string
  /** 0, the default, takes a free one. */
  port?: number
  clock: Clock
  /** The instance behind a source address, or null for an address that is nobody's. */
  view: (ip: string) => InstanceView | null
  onRequest?: (request: ImdsRequest) => void
}>

export type Imds = Readonly<{ port: number; close: () => Promise<void> }>

type Token = Readonly<{ ip: string; endsAt: number }>
type Answer = Readonly<{ status: number; body: string; headers?: Readonly<Record<string, string>> }>

const TTL_HEADER = 'x-aws-ec2-metadata-token-ttl-seconds'
const LONGEST_TTL_S = 21_600
const VERSIONS = [
  '1.0',
  '2009-04-04',
  '2016-09-02',
  '2018-09-24',
  '2021-03-23',
  '2022-09-24',
  '2024-04-11',
  'latest',
]

/**
 * The instance metadata service, one server for all instances: who asks is told by the source address.
 * IMDSv2 as the EC2 user guide has it ("Use the Instance Metadata Service"): tokens bound to the instance, 400 for a
 * bad TTL, 401 for a missing, expired or foreign token, 403 for a forwarded or version-pinned token request and for a
 * service that is off, 404 for what is absent.
 */
export async function startImds(options: ImdsOptions): Promise<Imds> {
  const tokens = new Map<string, Token>()
  const server = createServer((request, response) => {
    const ip = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
    const path = pathOf(request)
    const view = options.view(ip)
    const isTokenRequest = request.method === 'PUT' && /^\/[^/]+\/api\/token$/.test(path)
    if (isTokenRequest && view?.tokenReachesCaller === false) return
    const fault = faultOf(view, path)
    if (fault?.kind === 'reset') {
      request.socket.resetAndDestroy()
      return
    }
    const answer =
      fault?.kind === 'status'
        ? refusal(fault.status)
        : isTokenRequest
          ? issueToken(options, tokens, ip, view, request)
          : read(options, tokens, ip, view, request)
    options.onRequest?.({
      ip,
      method: request.method ?? '',
      path,
      status: answer.status,
      token: request.headers['x-aws-ec2-metadata-token'] !== undefined,
    })
    if (fault?.kind === 'slow') options.clock.after(fault.ms, () => send(response, answer))
    else send(response, answer)
  })
  const port = await listen(server, options.host, options.port ?? 0)
  return {
    port,
    close: () => closeServer(server),
  }
}

function faultOf(view: InstanceView | null, path: string): ImdsFault | null {
  const fault = view?.fault ?? null
  return fault?.paths?.test(path.slice(1)) === false ? null : fault
}

function issueToken(
  options: ImdsOptions,
  tokens: Map<string, Token>,
  ip: string,
  view: InstanceView | null,
  request: IncomingMessage,
): Answer {
  if (view === null) return refusal(404)
  if (view.httpEndpoint === 'disabled' || request.headers['x-forwarded-for'] !== undefined)
    return refusal(403)
  if (!pathOf(request).startsWith('/latest/')) return refusal(403)
  const given = request.headers[TTL_HEADER]
  const ttl = typeof given === 'string' && /^\d{1,6}$/.test(given) ? Number(given) : 0
  if (ttl < 1 || ttl > LONGEST_TTL_S) return refusal(400)
  const now = options.clock.now()
  for (const [token, { endsAt }] of tokens) if (endsAt <= now) tokens.delete(token)
  const token = randomBytes(42).toString('base64')
  tokens.set(token, { ip, endsAt: now + ttl * 1000 })
  return { status: 200, body: token, headers: { [TTL_HEADER]: String(ttl) } }
}

function read(
  options: ImdsOptions,
  tokens: ReadonlyMap<string, Token>,
  ip: string,
  view: InstanceView | null,
  request: IncomingMessage,
): Answer {
  if (view === null) return refusal(404)
  if (view.httpEndpoint === 'disabled') return refusal(403)
  if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405)
  const given = request.headers['x-aws-ec2-metadata-token']
  const token = typeof given === 'string' ? tokens.get(given) : undefined
  const valid = token !== undefined && token.ip === ip && token.endsAt > options.clock.now()
  if (given === undefined ? view.httpTokens === 'required' : !valid) return refusal(401)
  return page(view.metadata, pathOf(request))
}

function page(metadata: Metadata, path: string): Answer {
  const [version = '', ...names] = path.slice(1).split('/')
  if (version === '') return { status: 200, body: VERSIONS.join('\n') }
  if (!VERSIONS.includes(version)) return refusal(404)
  const rest = names.join('/')
  const node = nodeAt(metadataTree(metadata), rest)
  if (node === null) return refusal(404)
  // The three entries of the top directory are listed without the slash.
  if (rest === '' && typeof node !== 'string') return { status: 200, body: Object.keys(node).join('\n') }
  const type = rest === 'user-data' ? 'application/octet-stream' : 'text/plain'
  return { status: 200, body: textOf(node), headers: { 'content-type': type } }
}

function pathOf(request: IncomingMessage): string {
  const [path = '/'] = (request.url ?? '/').split('?')
  try {
    return decodeURIComponent(path)
  } catch {
    return path // a broken escape names nothing that is there
  }
}

function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {
    'content-type': 'text/plain',
    'content-length': Buffer.byteLength(answer.body),
    server: 'EC2ws',
    ...answer.headers,
  })
  response.end(answer.body) // Node leaves the body out for HEAD
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

/** A small XHTML page, as EC2 sends. */
function refusal(status: number): Answer {
  const title = `${status} - ${TITLES[status] ?? ''}`
  const body = `<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
\t"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
 <head>
  <title>${title}</title>
 </head>
 <body>
  <h1>${title}</h1>
 </body>
</html>
`
  return { status, body, headers: { 'content-type': 'text/html' } }
}
