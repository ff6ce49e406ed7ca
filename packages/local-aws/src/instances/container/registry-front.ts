import { createServer } from 'node:https'
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { generate } from 'selfsigned'
import { closeServer, listen } from '../../listening.ts'

export type RegistryFrontOptions = Readonly<{
  /** The name clients know it by, e.g. `123456789012.dkr.ecr.us-east-1.amazonaws.com`. */
  hostname: string
  /** Where to listen. Port 0, the default, takes a free one. */
  host: string
  port?: number
  /** The registry behind it, `http://127.0.0.1:PORT`. */
  upstream: string
  /** Why ECR denies a request with this token (the password of the user `AWS`), or null. */
  denial: (token: string, request: { method: string; path: string }) => string | null
  /** Asked at each request: what fails now. */
  fault?: () => RegistryFault | null
}>

export type RegistryFault =
  /** Every request is refused with this status and the registry's own error body. */
  | Readonly<{ kind: 'refuse'; status: number; code: string; message: string }>
  /** A layer breaks off after this many bytes. */
  | Readonly<{ kind: 'cut'; afterBytes: number }>
  /** No request is ever answered. */
  | Readonly<{ kind: 'silent' }>

export type RegistryFront = Readonly<{
  port: number
  /** PEM of the authority that signed its certificate: what a Docker engine wants as `certs.d/HOSTNAME/ca.crt`. */
  authority: string
  close: () => Promise<void>
}>

const REALM = (hostname: string) => `Basic realm="https://${hostname}/",service="ecr.amazonaws.com"`

/**
 * A registry that looks like ECR: TLS under its name, Basic authentication as `AWS` with a token of
 * GetAuthorizationToken, 401 without it and 403 where it is denied. The rest streams to the registry behind it.
 */
export async function startRegistryFront(options: RegistryFrontOptions): Promise<RegistryFront> {
  const { authority, key, cert } = await certify(options.hostname)
  const server = createServer({ key, cert }, (request, response) => {
    const fault = options.fault?.() ?? null
    if (fault?.kind === 'silent') return
    const refusal = fault?.kind === 'refuse' ? errorBody(fault) : refusalOf(request, options)
    if (refusal !== null) refuse(response, refusal)
    else relay(request, response, options, fault?.kind === 'cut' ? fault.afterBytes : null)
  })
  const port = await listen(server, options.host, options.port ?? 0)
  return {
    port,
    authority,
    close: () => closeServer(server),
  }
}

type Refusal = Readonly<{ status: number; headers: Readonly<Record<string, string>>; body: string }>

function refusalOf(request: IncomingMessage, { hostname, denial }: RegistryFrontOptions): Refusal | null {
  const token = awsPassword(request.headers.authorization)
  if (token === null)
    return { status: 401, headers: { 'www-authenticate': REALM(hostname) }, body: 'Not Authorized\n' }
  const path = (request.url ?? '/').split('?')[0] ?? '/'
  const message = denial(token, { method: request.method ?? 'GET', path })
  return message === null ? null : errorBody({ status: 403, code: 'DENIED', message })
}

/** As the OCI distribution specification has it ("Error Codes"). */
function errorBody(error: { status: number; code: string; message: string }): Refusal {
  const { status, code, message } = error
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: `${JSON.stringify({ errors: [{ code, message }] })}\n`,
  }
}

/** The password of a Basic authorisation as the user `AWS`. */
function awsPassword(authorization: string | undefined): string | null {
  const encoded = /^Basic (.+)$/i.exec(authorization ?? '')?.[1]
  if (encoded === undefined) return null
  const [, password] = /^AWS:(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? []
  return password ?? null
}

function refuse(response: ServerResponse, { status, headers, body }: Refusal): void {
  response.writeHead(status, { 'docker-distribution-api-version': 'registry/2.0', ...headers })
  response.end(body)
}

function relay(
  request: IncomingMessage,
  response: ServerResponse,
  { upstream }: RegistryFrontOptions,
  cutAfter: number | null,
): void {
  const { authorization: _, ...headers } = request.headers
  const onward = httpRequest(new URL(request.url ?? '/', upstream), {
    method: request.method ?? 'GET',
    headers: { ...headers, 'x-forwarded-proto': 'https' },
  })
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    if (cutAfter !== null && (request.url ?? '').includes('/blobs/')) breakOff(answer, response, cutAfter)
    pipeline(answer, response, () => {}) // a client that went away ends both
  })
  onward.on('error', () => {
    if (response.headersSent) response.destroy()
    else response.writeHead(502).end()
  })
  response.on('close', () => onward.destroy())
  pipeline(request, onward, () => {})
}

function breakOff(answer: IncomingMessage, response: ServerResponse, afterBytes: number): void {
  let bytes = 0
  answer.on('data', (part: Buffer) => {
    bytes += part.length
    if (bytes > afterBytes) response.destroy()
  })
}

/** A certificate authority for this run only, and a certificate for `hostname` signed by it. */
async function certify(hostname: string): Promise<{ authority: string; key: string; cert: string }> {
  const authority = await generate([{ name: 'commonName', value: 'Local registry authority' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true, critical: true },
    ],
  })
  const leaf = await generate([{ name: 'commonName', value: hostname }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: hostname }] },
    ],
  })
  return { authority: authority.cert, key: leaf.private, cert: leaf.cert }
}
