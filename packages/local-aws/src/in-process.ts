import { Readable } from 'node:stream'
import type { Cloud } from './cloud.ts'
import { callOf, dispatch } from './wire/dispatch.ts'
import type { Intercept } from './wire/intercept.ts'
import type { WireRequest, WireResponse } from './wire/message.ts'

/**
 * Answers one request without a socket. The Date header tells the cloud's time, so that what is measured by S3's clock keeps in step with a simulation.
 * @throws what is a bug; errors of AWS are responses.
 */
export async function handle(cloud: Cloud, request: WireRequest): Promise<WireResponse> {
  const response = await dispatch(cloud, request)
  const date = new Date(cloud.clock.now()).toUTCString()
  return { ...response, headers: { ...response.headers, date } }
}

/** The part of an SDK request that is read here (`HttpRequest` of @smithy/types). */
type SdkRequest = {
  method: string
  protocol: string
  hostname: string
  port?: number | undefined
  path: string
  query?: Readonly<Record<string, string | readonly string[] | null>> | undefined
  headers: Readonly<Record<string, string>>
  body?: unknown
}

type SdkResponse = { statusCode: number; headers: Record<string, string>; body: Readable | Uint8Array }

/** What an SDK v3 client takes as `requestHandler`. */
export type InProcessHandler = {
  /** @throws an AbortError where the request was called off; one that was under way may still take effect. */
  handle(request: SdkRequest, options?: { abortSignal?: unknown }): Promise<{ response: SdkResponse }>
  destroy(): void
  updateHttpClientConfig(): void
  httpHandlerConfigs(): Record<string, never>
}

/**
 * Runs real SDK v3 clients against `cloud` without sockets: `new S3Client({ requestHandler: inProcessHandler(cloud), … })`.
 * @param intercept stands between the client and the cloud.
 */
export function inProcessHandler(cloud: Cloud, intercept?: Intercept): InProcessHandler {
  return {
    async handle(request, options) {
      const signal = options?.abortSignal as AbortSignal | undefined
      if (signal?.aborted) throw aborted()
      const wire = await toWire(request)
      const proceed = () => handle(cloud, wire)
      const call = callOf(wire)
      const answer = intercept ? intercept(call, proceed, wire) : proceed()
      const response = await unlessAborted(answer, signal)
      if (!response) throw connectionLost()
      const { status: statusCode, headers, body } = response
      // Only what the SDK hands on as a stream has to be one.
      const streams = call.operation === 'GetObject' && statusCode < 300
      return {
        response: { statusCode, headers: { ...headers }, body: streams ? Readable.from([body]) : body },
      }
    },
    destroy() {},
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  }
}

/** The answer, or the end of the wait for it. */
async function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return answer
  const done = new AbortController()
  const off = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(aborted()), { signal: done.signal })
  })
  try {
    return await Promise.race([answer, off])
  } finally {
    done.abort()
  }
}

function aborted(): Error {
  const error = new Error('Request aborted')
  error.name = 'AbortError'
  return error
}

function connectionLost(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
}

async function toWire(request: SdkRequest): Promise<WireRequest> {
  const query = Object.entries(request.query ?? {}).flatMap(([name, value]) => {
    const values = value === null || typeof value === 'string' ? [value] : value
    return values.map((one) =>
      one === null ? encodeURIComponent(name) : `${encodeURIComponent(name)}=${encodeURIComponent(one)}`,
    )
  })
  const headers = Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value])
  return {
    method: request.method,
    path: request.path,
    query: query.join('&'),
    headers: { host: request.hostname, ...(Object.fromEntries(headers) as Record<string, string>) },
    body: await bytesOf(request.body),
  }
}

async function bytesOf(body: unknown): Promise<Uint8Array> {
  if (body === undefined || body === null) return new Uint8Array()
  if (typeof body === 'string') return Buffer.from(body)
  if (body instanceof Uint8Array) return new Uint8Array(body)
  if (body instanceof Readable)
    return Buffer.concat((await body.toArray()).map((part) => Buffer.from(part as Uint8Array)))
  throw new TypeError('The body of an SDK request is text, bytes or a stream.')
}
