import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Cloud } from './cloud.ts'
import { closeServer, listen } from './listening.ts'
import { callOf, dispatch } from './wire/dispatch.ts'
import type { Intercept } from './wire/intercept.ts'
import type { WireRequest, WireResponse } from './wire/message.ts'

export type ServerOptions = Readonly<{
  /** Addresses to listen on; the same port on each. */
  host: string | readonly string[]
  /** 0 for any that is free. */
  port: number
  intercept?: Intercept
  /** Told of what is wrong in this server itself; the client gets a 500 InternalFailure. */
  onBug?: (error: unknown) => void
}>

export type RunningServer = Readonly<{
  /** Of the first address. */
  url: string
  urls: readonly string[]
  port: number
  close(): Promise<void>
}>

/** A larger body is refused: S3 itself takes up to 5 GB in one PUT, this server keeps it in memory. */
const bodyBytesMax = 1024 ** 3

/**
 * Serves every API of the cloud on one port over HTTP. The Date header is real time even where the cloud's clock is not: clients sign by it.
 * @throws where an address cannot be listened on.
 */
export async function startServer(cloud: Cloud, options: ServerOptions): Promise<RunningServer> {
  const hosts = typeof options.host === 'string' ? [options.host] : options.host
  const servers: Server[] = []
  const close = async () => {
    await Promise.all(servers.map(closeServer))
  }
  let port = options.port
  try {
    for (const host of hosts) {
      const server = createServer((request, response) => void serve(cloud, request, response, options))
      server.keepAliveTimeout = 65_000
      servers.push(server)
      port = await listen(server, host, port)
    }
  } catch (error) {
    await close()
    throw error
  }
  const urls = hosts.map((host) => `http://${host.includes(':') ? `[${host}]` : host}:${port}`)
  return { url: urls[0] ?? '', urls, port, close }
}

async function serve(
  cloud: Cloud,
  request: IncomingMessage,
  response: ServerResponse,
  { intercept, onBug }: ServerOptions,
): Promise<void> {
  try {
    const wire = await toWire(request)
    if (!wire) {
      response.writeHead(413, { connection: 'close' }).end()
      return
    }
    const proceed = async () => {
      try {
        return await dispatch(cloud, wire)
      } catch (error) {
        onBug?.(error)
        return internalFailure
      }
    }
    const answer = intercept ? await intercept(callOf(wire), proceed, wire) : await proceed()
    if (!answer) {
      response.destroy()
      return
    }
    response.writeHead(answer.status, { 'content-length': answer.body.byteLength, ...answer.headers })
    response.end(answer.body)
  } catch (error) {
    // The client has gone, or an interceptor is at fault: either way no answer can be given.
    if (!request.errored) onBug?.(error)
    response.destroy()
  }
}

const internalFailure: WireResponse = {
  status: 500,
  headers: { 'content-type': 'text/xml' },
  body: Buffer.from(
    '<ErrorResponse><Error><Type>Receiver</Type><Code>InternalFailure</Code><Message>The local AWS has a bug; its log says more.</Message></Error></ErrorResponse>',
  ),
}

async function toWire(request: IncomingMessage): Promise<WireRequest | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > bodyBytesMax) return null
    chunks.push(chunk)
  }
  const url = request.url ?? '/'
  const mark = url.indexOf('?')
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ])
  return {
    method: request.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: Buffer.concat(chunks),
  }
}
