import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Report } from '@switchover/contract/report'
import type { GroupTags } from '@switchover/contract/tags'
import type { LayerSizes } from '../../src/decide/layer.ts'
import type { ContainerView } from '../../src/decide/observation.ts'
import type { Room } from '../../src/decide/room.ts'
import { Counters } from '../../src/metrics/counters.ts'
import { bundleOf, digest, usualCompose, type Bundle } from './bundle.ts'
import { noFaults } from './faults.ts'
import { runOn, type Running } from './running.ts'
import { SteppedClock } from './stepped-clock.ts'

/** A machine in memory: an engine with images and containers, a metadata service, the AWS around it, and a state on disk. */
export class Machine {
  readonly clock = new SteppedClock()
  readonly faults = noFaults()
  /** Image id by every reference the engine knows. */
  readonly images = new Map<string, string>()
  readonly containers: ContainerView[] = []
  layerSizes: LayerSizes | null = null
  disk: Room = { freeBytes: 50e9, totalBytes: 100e9, freeInodes: 5e6, totalInodes: 6e6 }
  readonly counters = new Counters()
  readonly reports: Report[] = []
  readonly calls: string[] = []
  readonly log: string[] = []
  /** Paths of the metadata service that were asked for. */
  readonly asked: string[] = []
  tags: GroupTags
  /** Whether Auto Scaling already names its group. */
  member = true
  lifecycleState = 'Pending:Wait'
  target: string | null = 'InService'
  /** EC2's notices, null where there is none. */
  interruption: { action: string; time: string } | null = null
  rebalance: { noticeTime: string } | null = null
  bootId = 'boot-1'
  /** What Docker says of containers that start from now on. */
  health: ContainerView['health'] = 'healthy'
  stops = false
  watchdogMs: number | null = null
  /** When the watchdog was fed. */
  readonly fed: number[] = []
  /** What is wrong with the machine's compose. */
  composeLacks: string | null = null
  hooks: string[] = []
  /** Where its agents keep their state. */
  readonly state: string
  /** What its group's store holds. */
  readonly bundle: Bundle
  #last: Running | null = null

  static async create(composeFile: string = usualCompose): Promise<Machine> {
    const state = await mkdtemp(join(tmpdir(), 'switchover-agent-'))
    return new Machine(state, await bundleOf(composeFile))
  }

  private constructor(state: string, bundle: Bundle) {
    this.state = state
    this.bundle = bundle
    this.tags = {
      service: 'web',
      store: 's3://bucket/prefix',
      version: 'v1',
      digests: { '': digest },
      bundle: bundle.sha256.slice(0, 12),
      release: 'each',
      deployment: 'd1',
    }
  }

  container(service: string): ContainerView | undefined {
    return this.containers.find((one) => one.service === service)
  }

  remove(service: string): void {
    const at = this.containers.findIndex((one) => one.service === service)
    if (at >= 0) this.containers.splice(at, 1)
  }

  /** Pulls that were begun. */
  get pulls(): string[] {
    return this.calls.filter((call) => call.startsWith('pull'))
  }

  /** Starts an agent on this machine, as its service manager does. */
  async start(): Promise<Running> {
    this.#last = await runOn(this)
    return this.#last
  }

  /** Starts an agent and waits until it is ready. */
  async serve(): Promise<Running> {
    const running = await this.start()
    await running.ready()
    return running
  }

  /** Ends the agent that runs, and forgets the machine's state. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stops = false
    await this.#last?.stop()
    // The agent does not wait for its last write for ever.
    await rm(this.state, { recursive: true, force: true, maxRetries: 5 })
  }
}
