import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Cloud } from '../cloud.ts'
import { hex } from '../ids.ts'
import type { Listener } from '../load-balancing/model.ts'
import { closeServer, listen } from '../listening.ts'
import { answerItself, forward } from './forward.ts'
import { ConnectionPool } from './target-connections.ts'

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
  readonly #pool = new ConnectionPool()
  readonly #servers = new Map<string, { server: Server; opened: Promise<void> }>()
  /** Turns taken per target group: requests go round its targets. */
  readonly #turns = new Map<string, number>()
  #closed = false

  /** Opens the listeners there are, and every one made later. */
  constructor(cloud: Cloud, options: DataPlaneOptions) {
    this.#cloud = cloud
    this.#options = options
    const { loadBalancing } = cloud
    for (const listener of loadBalancing.listeners.values()) this.#open(listener)
    loadBalancing.onListener((listener) => this.#open(listener))
    loadBalancing.onListenerGone((arn) => void this.#close(arn))
    loadBalancing.onDeregistered((target) => this.#pool.cut(target.targetGroupArn, target.instanceId))
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

  #open(listener: Listener): void {
    if (this.#closed) return
    const server = createServer((request, response) => this.#serve(listener, request, response))
    server.keepAliveTimeout = 60_000
    const opened = this.#listen(server, listener.port)
    this.#servers.set(listener.arn, { server, opened })
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

  async #close(listenerArn: string): Promise<void> {
    const found = this.#servers.get(listenerArn)
    if (!found) return
    this.#servers.delete(listenerArn)
    await found.opened
    await closeServer(found.server)
  }

  #serve(listener: Listener, request: IncomingMessage, response: ServerResponse): void {
    const { targetGroupArn } = listener
    const targets = this.#cloud.loadBalancing.eligible(targetGroupArn)
    const turn = this.#turns.get(targetGroupArn) ?? 0
    this.#turns.set(targetGroupArn, turn + 1)
    const target = targets[turn % targets.length]
    if (!target) {
      request.resume()
      answerItself(response, 503)
      return
    }
    const { clock, random } = this.#cloud
    const connections = this.#pool.of(targetGroupArn, target.instanceId)
    const seconds = Math.floor(clock.now() / 1_000).toString(16)
    forward(
      request,
      response,
      { ip: target.ip, port: target.port, connections },
      { clock, listenerPort: listener.port, traceId: `Root=1-${seconds}-${hex(random, 24)}` },
    )
  }
}
