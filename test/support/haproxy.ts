import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { until } from './until.ts'

export type Target = { id: string; ip: string; draining: boolean }

/** Of the instances: of the app, and of the agent that is asked for health. */
type Ports = Readonly<{ appPort: number; agentPort: number }>

/** HAProxy as the load balancer: it is told who is registered and who drains, and checks health by itself. */
export class HaProxy implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #directory: string
  readonly #known = new Map<string, 'in' | 'draining'>()

  readonly #ports: Ports

  private constructor(process: ChildProcess, directory: string, ports: Ports) {
    this.#process = process
    this.#directory = directory
    this.#ports = ports
  }

  static async start(options: Ports & { port: number }): Promise<HaProxy> {
    const directory = await mkdtemp(join(tmpdir(), 'switchover-haproxy-'))
    await writeFile(join(directory, 'haproxy.cfg'), configuration(directory, options.port))
    const child = spawn('haproxy', ['-db', '-f', join(directory, 'haproxy.cfg')], { stdio: 'ignore' })
    const proxy = new HaProxy(child, directory, options)
    await until(
      () =>
        proxy.#ask('show info').then(
          () => true,
          () => false,
        ),
      60_000,
      'HAProxy answers',
    )
    return proxy
  }

  /**
   * Makes the back end hold exactly `targets`. A new one starts down and takes requests after its first good check;
   * a server added without that detour would be up at once.
   */
  async update(targets: readonly Target[]): Promise<void> {
    for (const { id, ip, draining } of targets) {
      if (!this.#known.has(id) && !draining) await this.#add(id, ip)
      if (draining && this.#known.get(id) === 'in') {
        await this.#ask(`set server web/${id} state drain`)
        this.#known.set(id, 'draining')
      }
    }
    for (const id of this.#known.keys()) {
      if (targets.some((target) => target.id === id)) continue
      await this.#ask(`set server web/${id} state maint`)
      await this.#ask(`shutdown sessions server web/${id}`)
      await this.#ask(`del server web/${id}`)
      this.#known.delete(id)
    }
  }

  async #add(id: string, ip: string): Promise<void> {
    const { appPort, agentPort } = this.#ports
    // One that did not connect within the interval says no more than that HAProxy itself stood still; an instance drains for longer than three.
    const checks = `check port ${agentPort} inter 200ms fastinter 200ms downinter 200ms rise 1 fall 3`
    // In one go: between two questions an enabled server would take requests before its first check.
    const commands = [
      `add server web/${id} ${ip}:${appPort} ${checks}`,
      `enable server web/${id}`,
      `set server web/${id} health down`,
      `enable health web/${id}`,
    ]
    await this.#ask(commands.join('; '))
    this.#known.set(id, 'in')
  }

  async #ask(command: string): Promise<string> {
    const socket = connect(join(this.#directory, 'admin.sock'))
    await once(socket, 'connect')
    socket.end(`${command}\n`)
    return text(socket)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, 'exit')
    if (this.#process.kill('SIGTERM')) await ended
    await rm(this.#directory, { recursive: true })
  }
}

/** It hides nothing: no retry, no redispatch, as an Application Load Balancer. */
function configuration(directory: string, port: number): string {
  return `global
  stats socket ${directory}/admin.sock mode 600 level admin
  nbthread 1
defaults
  mode http
  timeout connect 10s
  timeout client 60s
  timeout server 60s
  timeout check 30s
  retries 0
  no option redispatch
  option http-keep-alive
frontend front
  bind 127.0.0.1:${port}
  use_backend web
backend web
  balance roundrobin
  option httpchk GET /readyz
  http-check expect status 200
`
}
