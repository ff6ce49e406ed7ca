import type { Cloud } from '../../cloud.ts'
import type { CheckResult } from '../../load-balancer/probe.ts'
import { Timers } from '../../timers.ts'
import type { Machine, MachineEvents, MachineSpec } from '../kind.ts'
import { VirtualAgent } from './agent.ts'
import { Listeners, type Answer } from './listeners.ts'
import type { VirtualOptions } from './options.ts'

/** A timed model of a machine with an app and an agent. */
export class VirtualMachine implements Machine {
  readonly #cloud: Cloud
  readonly #options: VirtualOptions
  readonly #events: MachineEvents
  readonly #agent: VirtualAgent
  readonly #listeners: Listeners | null
  readonly #gone: () => void
  #timers: Timers
  #up = false
  #appUp = false
  #ending: Promise<void> | null = null

  constructor(
    cloud: Cloud,
    spec: MachineSpec,
    options: VirtualOptions,
    events: MachineEvents,
    gone: () => void,
  ) {
    this.#cloud = cloud
    this.#options = options
    this.#events = events
    this.#gone = gone
    this.#timers = new Timers(cloud.clock)
    this.#agent = new VirtualAgent(cloud, spec, options, (up) => this.#app(up))
    this.#listeners = options.listen
      ? new Listeners(
          spec.ip,
          (port, path) => this.answer(port, path),
          () => void this.#powerOff(),
        )
      : null
    this.#timers.after(options.launchMs, () => {
      events.running()
      this.#boot()
    })
  }

  #boot(): void {
    this.#up = true
    this.#agent.boot(this.#timers)
    // The agent's port answers 503 from the first moment.
    this.#listeners?.open(this.#options.agentPort)
  }

  #app(up: boolean): void {
    this.#appUp = up
    if (!up) return void this.#listeners?.close(this.#options.appPort)
    this.#listeners?.open(this.#options.appPort)
    const { diesMs } = this.#agent.behaviour
    if (diesMs !== undefined) this.#timers.after(diesMs, () => void this.#powerOff())
  }

  /** What a request to a port gets, or null where nothing listens. */
  answer(port: number, path: string): Answer | null {
    if (!this.#up) return null
    if (port === this.#options.agentPort) return this.#agentAnswer(path)
    if (port !== this.#options.appPort || !this.#appUp) return null
    const version = this.#agent.version ?? ''
    const status = this.#agent.behaviour.neverHealthy ? 500 : 200
    return { status, headers: { 'content-type': 'text/plain', 'x-version': version }, body: `${version}\n` }
  }

  #agentAnswer(path: string): Answer {
    const text = { 'content-type': 'text/plain' }
    const { ready, phase } = this.#agent
    if (path === '/livez') return { status: 200, headers: text, body: 'alive\n' }
    if (path === '/readyz') return { status: ready ? 200 : 503, headers: text, body: `${phase}\n` }
    if (path !== '/status') return { status: 404, headers: text, body: 'not found\n' }
    const json = { 'content-type': 'application/json' }
    return { status: 200, headers: json, body: JSON.stringify(this.#agent.status()) }
  }

  /** One health check, answered without a network. Reasons and texts as the load balancer gives them (ALB guide, target health). */
  check(port: number, path: string | null, okStatus: (status: number) => boolean): CheckResult {
    const answer = this.answer(port, path ?? '/')
    if (!answer)
      return { ok: false, reason: 'Target.FailedHealthChecks', description: 'Health checks failed' }
    if (path === null || okStatus(answer.status)) return { ok: true }
    return {
      ok: false,
      reason: 'Target.ResponseCodeMismatch',
      description: `Health checks failed with these codes: [${answer.status}]`,
    }
  }

  terminate(): Promise<void> {
    this.#ending ??= this.#shutDown()
    return this.#ending
  }

  /** The agent drains first, unless it has done so already. */
  async #shutDown(): Promise<void> {
    if (this.#up) {
      this.#agent.drain()
      const { clock } = this.#cloud
      if (this.#appUp) await new Promise<void>((done) => void clock.after(this.#options.drainMs, done))
    }
    await this.stop()
    this.#gone()
  }

  async #powerOff(): Promise<void> {
    await this.stop()
    this.#events.stopped()
  }

  /** Pulls the plug. */
  async stop(): Promise<void> {
    this.#timers.close()
    this.#up = false
    this.#appUp = false
    await this.#listeners?.closeAll()
  }

  /** Down at once; comes back with what is on its disk. */
  async reboot(): Promise<void> {
    if (this.#ending) return
    await this.stop()
    this.#timers = new Timers(this.#cloud.clock)
    this.#boot()
  }
}
