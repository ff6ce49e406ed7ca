import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'

/** What becomes of one request: an answer of its own, or the real one up to some bytes of its body. */
export type Fault =
  | { status: number; body?: string; headers?: Record<string, string> }
  /** Then the connection breaks. */
  | { cutAfter: number }
  /** Then nothing more comes. */
  | { hangAfter: number }

export type FaultProxy = {
  port: number
  /** Asked for every request, by `METHOD PATH`. */
  fault: (request: IncomingMessage) => Fault | null
  /** Every request so far. */
  readonly seen: string[]
  stop(): Promise<void>
}

/** Stands in front of a registry on loopback, and does to its answers what a test wants. */
export async function startFaultProxy(target: number): Promise<FaultProxy> {
  const seen: string[] = []
  const proxy: FaultProxy = { port: 0, fault: () => null, seen, stop: async () => undefined }
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    const fault = proxy.fault(request)
    if (fault !== null && 'status' in fault) {
      request.resume()
      response.writeHead(fault.status, fault.headers).end(fault.body)
      return
    }
    pass(target, fault, request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy.port = (server.address() as AddressInfo).port
  proxy.stop = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return proxy
}

function pass(
  port: number,
  fault: { cutAfter: number } | { hangAfter: number } | null,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { method, url, headers } = request
  const onward = forward({ port, host: '127.0.0.1', method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers)
    if (fault === null) {
      answer.pipe(response)
      return
    }
    let left = 'cutAfter' in fault ? fault.cutAfter : fault.hangAfter
    answer.on('data', (chunk: Buffer) => {
      if (left <= 0) return
      response.write(chunk.subarray(0, left))
      left -= chunk.length
      if (left <= 0 && 'cutAfter' in fault) setImmediate(() => response.destroy())
    })
  })
  onward.on('error', () => response.destroy())
  response.on('close', () => onward.destroy())
  request.pipe(onward)
}
