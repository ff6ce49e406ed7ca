import { createServer, type Server } from 'node:http'
import { once } from 'node:events'

export type Answer = Readonly<{ status: number; headers: Readonly<Record<string, string>>; body: string }>

/** The HTTP servers of one machine, on its own loopback address. */
export class Listeners {
  readonly #ip: string
  readonly #answer: (port: number, path: string) => Answer | null
  readonly #onRefused: (error: Error) => void
  readonly #servers = new Map<number, Server>()

  /** @param onRefused told when the address cannot be listened on */
  constructor(
    ip: string,
    answer: (port: number, path: string) => Answer | null,
    onRefused: (error: Error) => void,
  ) {
    this.#ip = ip
    this.#answer = answer
    this.#onRefused = onRefused
  }

  open(port: number): void {
    if (this.#servers.has(port)) return
    const server = createServer((request, response) => {
      const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
      const answer = this.#answer(port, path)
      request.resume()
      if (answer) response.writeHead(answer.status, answer.headers).end(answer.body)
      else response.destroy()
    })
    server.on('error', this.#onRefused)
    // Longer than any load balancer keeps an idle connection, or a request would meet a closing one.
    server.keepAliveTimeout = 75_000
    server.listen(port, this.#ip)
    this.#servers.set(port, server)
  }

  /** Requests in flight are answered, new ones refused. */
  async close(port: number): Promise<void> {
    const server = this.#servers.get(port)
    if (!server) return
    this.#servers.delete(port)
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    if (server.listening) await closed
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#servers.keys()].map((port) => this.close(port)))
  }
}
