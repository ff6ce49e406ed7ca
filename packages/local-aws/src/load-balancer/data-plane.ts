import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import type { Cloud } from '../cloud.ts'
import { hex } from '../ids.ts'
import type { Frontend } from '../load-balancing/frontends.ts'
import type { Endpoint } from '../load-balancing/model.ts'
import { closeServer, listen } from '../listening.ts'
import { answerItself, forward, idleTimeoutMs } from './forward.ts'
import { ConnectionPool } from './target-connections.ts'
import { forwardFlow } from './tcp-forward.ts'

export type DataPlaneOptions = Readonly<{
  /** Where the listeners' ports are opened. */
  host: string
  /** Told in a sentence of a port that cannot be opened. */
  onRefused: (sentence: string) => void
}>

/** The running listeners of every load balancer of one cloud. */
export class DataPlane {
  readonly #cloud: Cloud
  readonly #options: DataPlaneOptions
  readonly #pool = new ConnectionPool(idleTimeoutMs)
  readonly #servers = new Map<string, { server: Server; opened: Promise<void> }>()
  /** Turns taken per target group or classic load balancer: requests and flows go round its targets. */
  readonly #turns = new Map<string, number>()
  #closed = false

  /** Opens the listeners there are, and every one made later. */
  constructor(cloud: Cloud, options: DataPlaneOptions) {
    this.#cloud = cloud
    this.#options = options
    const { loadBalancing } = cloud
    for (const frontend of loadBalancing.frontends()) this.#open(frontend)
    loadBalancing.onFrontend((frontend) => this.#open(frontend))
    loadBalancing.onFrontendGone((id) => void this.#close(id))
    loadBalancing.onDeregistered(({ poolId, instanceId, cut }) => {
      if (cut) this.#pool.cut(poolId, instanceId)
    })
  }

  /** Resolves when every listener made so far takes requests, or has been refused. */
  async opened(): Promise<void> {
    await Promise.all([...this.#servers.values()].map(({ opened }) => opened))
  }

  /** Cuts every connection. Listeners made later are not opened. */
  async close(): Promise<void> {
    this.#closed = true
    this.#pool.close()
    await Promise.all([...this.#servers.keys()].map((arn) => this.#close(arn)))
  }

  #open(frontend: Frontend): void {
    if (this.#closed) return
    const server = frontend.protocol === 'HTTP' ? this.#httpServer(frontend) : this.#tcpServer(frontend)
    const opened = this.#listen(server, frontend.port)
    this.#servers.set(frontend.id, { server, opened })
  }

  #httpServer(frontend: Frontend): Server {
    const server = createServer((request, response) => this.#serve(frontend, request, response))
    server.keepAliveTimeout = idleTimeoutMs
    return server
  }

  #tcpServer(frontend: Frontend): Server {
    return createTcpServer({ allowHalfOpen: true }, (client) => this.#connect(frontend, client))
  }

  async #listen(server: Server, port: number): Promise<void> {
    const { host, onRefused } = this.#options
    try {
      await listen(server, host, port)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      onRefused(`The load balancer's port ${port} cannot be opened on ${host}: ${code}.`)
    }
  }

  async #close(id: string): Promise<void> {
    const found = this.#servers.get(id)
    if (!found) return
    this.#servers.delete(id)
    await found.opened
    await closeServer(found.server)
  }

  #next({ poolId, instancePort }: Frontend): Endpoint | null {
    const targets = this.#cloud.loadBalancing.eligible(poolId)
    const turn = this.#turns.get(poolId) ?? 0
    this.#turns.set(poolId, turn + 1)
    const target = targets[turn % targets.length]
    return target ? { ...target, port: instancePort ?? target.port } : null
  }

  #serve(frontend: Frontend, request: IncomingMessage, response: ServerResponse): void {
    const target = this.#next(frontend)
    if (!target) {
      request.resume()
      answerItself(response, 503)
      return
    }
    const { clock, random } = this.#cloud
    const connections = this.#pool.of(frontend.poolId, target.instanceId)
    const seconds = Math.floor(clock.now() / 1_000).toString(16)
    forward(
      request,
      response,
      { ip: target.ip, port: target.port, connections },
      { clock, listenerPort: frontend.port, traceId: `Root=1-${seconds}-${hex(random, 24)}` },
    )
  }

  /** A flow nobody can take is reset. */
  #connect(frontend: Frontend, client: Socket): void {
    const target = this.#next(frontend)
    if (!target) return void client.resetAndDestroy()
    const connections = this.#pool.of(frontend.poolId, target.instanceId)
    forwardFlow(client, { ip: target.ip, port: target.port, connections }, this.#cloud.clock)
  }
}
