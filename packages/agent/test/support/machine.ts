import { createHash } from 'node:crypto'
import { PassThrough } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import type { Report } from '@switchover/contract/report'
import type { GroupTags } from '@switchover/contract/tags'
import { Agent } from '../../src/agent.ts'
import type { ContainerView, EngineView } from '../../src/decide/observation.ts'
import { ImdsError } from '../../src/imds.ts'
import { retryable, terminal } from '../../src/decide/reason.ts'
import { Failure } from '../../src/failure.ts'
import { Counters } from '../../src/metrics/counters.ts'
import type { Cloud, Parts } from '../../src/parts.ts'
import type { LayerSizes } from '../../src/decide/layer.ts'
import type { Room } from '../../src/decide/room.ts'
import { storedImages } from './stored-images.ts'
import { noFaults } from './faults.ts'
import { SteppedClock } from './stepped-clock.ts'

export const digest = `sha256:${'a'.repeat(64)}`
/** Of a later version. */
export const nextDigest = `sha256:${'c'.repeat(64)}`
export const lockedDigest = `sha256:${'b'.repeat(64)}`
const repository = 'registry.example/web'
const compose = `
services:
  web: { image: "${repository}:live" }
  worker: { image: "registry.example/queue:7" }
x-switchover: { drain: 30s, parked: { stop: [worker] } }
`

const afterHook: Readonly<Record<string, string>> = {
  'Pending:Wait': 'InService',
  'Warmed:Pending:Wait': 'Warmed:Running',
  'Terminating:Wait': 'Terminating:Proceed',
}

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
  readonly #tarball: Buffer
  readonly #sum: string

  static async create(composeFile: string = compose): Promise<Machine> {
    const tar = pack()
    tar.entry({ name: 'compose.yaml' }, composeFile)
    tar.entry(
      { name: 'images.lock' },
      JSON.stringify({ schema: 1, images: { 'registry.example/queue:7': lockedDigest } }),
    )
    tar.finalize()
    const parts: Buffer[] = []
    for await (const part of tar) parts.push(part as Buffer)
    return new Machine(Buffer.concat(parts))
  }

  private constructor(tar: Buffer) {
    this.#tarball = gzipSync(tar)
    this.#sum = createHash('sha256').update(tar).digest('hex')
    this.tags = {
      service: 'web',
      store: 's3://bucket/prefix',
      version: 'v1',
      digests: { '': digest },
      bundle: this.#sum.slice(0, 12),
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

  /** Starts an agent on this machine, as its service manager does. */
  async start(stateDirectory: string): Promise<Running> {
    const agent = await Agent.create(this.parts(stateDirectory))
    const stop = new AbortController()
    let ended = false
    const done = agent.run(stop.signal).finally(() => {
      ended = true
    })
    const until = (condition: () => boolean) => this.clock.until(condition)
    return {
      agent,
      until,
      ready: () => until(() => agent.status.ready),
      stop: async () => {
        stop.abort()
        await until(() => ended)
        await done
      },
    }
  }

  parts(stateDirectory: string): Parts {
    const said = (text: string) => void this.log.push(text)
    return {
      clock: this.clock,
      random: () => 0.5,
      log: { info: said, warn: said, error: (text) => said(`error: ${text}`) },
      counters: this.counters,
      imds: { get: (path) => this.#metadata(path) },
      cloud: () => Promise.resolve(this.#cloud()),
      engine: {
        view: async () => {
          while (this.faults.engineHangs) await this.clock.sleep(1_000)
          return this.faults.engine ? failing('connect ECONNREFUSED') : this.#view()
        },
        pull: (source, _, signal) => this.#pull(source, signal),
        tag: (source, name) => {
          this.images.set(name, this.images.get(source) ?? 'none')
          return Promise.resolve()
        },
        images: () =>
          this.faults.engine
            ? failing('connect ECONNREFUSED')
            : Promise.resolve(storedImages(this.images, this.containers)),
        removeName: (name) => {
          this.calls.push(`remove ${name}`)
          this.images.delete(name)
          return Promise.resolve(true)
        },
        dataDirectory: () => Promise.resolve('/var/lib/docker'),
        logs: () => Promise.resolve(['a line of its log']),
      },
      room: () => Promise.resolve({ ...this.disk }),
      compose: {
        find: () =>
          this.composeLacks === null
            ? Promise.resolve()
            : Promise.reject(new Failure(terminal('no-compose', this.composeLacks))),
        up: (_, __, services) => {
          this.calls.push(['up', ...services].join(' '))
          if (this.faults.compose)
            return Promise.reject(new Failure(retryable('compose-failed', 'docker compose up failed.')))
          this.#up(services)
          return Promise.resolve()
        },
        stop: async (_, __, services) => {
          this.calls.push(`stop ${services.join(' ')}`.trim())
          while (this.faults.slowStops) await this.clock.sleep(1_000)
          for (const one of this.containers)
            if (services.length === 0 || services.includes(one.service))
              Object.assign(one, { state: 'exited', exitCode: 143 })
        },
      },
      systemd: {
        watchdogMs: this.watchdogMs,
        notify: (...fields) => {
          if (fields.includes('WATCHDOG=1')) this.fed.push(this.clock.now())
          return Promise.resolve()
        },
        machineStops: () => Promise.resolve(this.stops),
      },
      stateDirectory,
      bootId: this.bootId,
    }
  }

  #metadata(path: string): Promise<string | null> {
    this.asked.push(path)
    const { imds } = this.faults
    if (typeof imds === 'number')
      return imds === 404 ? Promise.resolve(null) : Promise.reject(new ImdsError(imds, path))
    if (imds) return failing('fetch failed')
    if (path === 'meta-data/autoscaling/target-lifecycle-state') return Promise.resolve(this.target)
    if (path === 'meta-data/spot/instance-action') return notice(this.interruption)
    if (path === 'meta-data/events/recommendations/rebalance') return notice(this.rebalance)
    return Promise.resolve(
      '{"instanceId":"i-0123456789abcdef0","region":"us-east-1","accountId":"123456789012"}',
    )
  }

  #cloud(): Cloud {
    const aws = <T>(answer: () => T): Promise<T> =>
      this.faults.aws ? failing('aws is away') : Promise.resolve(answer())
    return {
      membership: () =>
        aws(() => (this.member ? { group: 'web-blue', lifecycleState: this.lifecycleState } : null)),
      groupTags: () => aws(() => this.tags),
      bundles: () => ({
        checksum: () => aws(() => this.#sum),
        tarball: () => aws(() => this.#tarball),
      }),
      hooks: {
        list: (_, transition) =>
          aws(() =>
            this.hooks
              .filter((name) => transition.endsWith(name))
              .map((name) => ({ name, heartbeatTimeoutMs: 60_000 })),
          ),
        heartbeat: (_, name) => aws(() => this.#called(`heartbeat ${name}`)),
        complete: (_, name, __, result) => aws(() => this.#called(`${result} ${name}`)),
      },
      reports: { put: (_, report) => aws(() => void this.reports.push(report)) },
      logins: { for: () => Promise.resolve(null), forget: () => undefined },
      layerSizes: () => Promise.resolve(this.layerSizes),
    }
  }

  #called(call: string): boolean {
    this.calls.push(call)
    if (call.startsWith('CONTINUE'))
      this.lifecycleState = afterHook[this.lifecycleState] ?? this.lifecycleState
    return true
  }

  #pull(source: string, signal: AbortSignal): Promise<NodeJS.ReadableStream> {
    this.calls.push(`pull ${source}`)
    if (this.faults.silentPulls)
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('socket hang up')))
      })
    const body = new PassThrough()
    const { layerBytes } = this.faults
    body.write(
      `${JSON.stringify({ id: 'a', status: 'Downloading', progressDetail: { current: layerBytes } })}\n`,
    )
    if (this.faults.endlessPulls)
      body.write('{"status":"Downloading","id":"a","progressDetail":{"current":10,"total":40}}\n')
    else if (this.faults.registry !== null) body.end(`${JSON.stringify({ error: this.faults.registry })}\n`)
    else {
      this.images.set(source, `sha256:${source.slice(-64, -60)}`)
      body.end('{"status":"Status: Downloaded newer image"}\n')
    }
    return Promise.resolve(body)
  }

  #up(services: readonly string[]): void {
    const wanted = { web: `${repository}:live`, worker: 'registry.example/queue:7' }
    for (const [service, name] of Object.entries(wanted)) {
      if (services.length > 0 && !services.includes(service)) continue
      const imageId = this.images.get(name) ?? 'none'
      if (this.container(service)?.imageId !== imageId) this.remove(service)
      const before = this.container(service)
      if (before) Object.assign(before, { state: 'running', exitCode: 0 })
      else
        this.containers.push({
          id: `${service}-1`,
          service,
          imageId,
          state: 'running',
          health: this.health,
          exitCode: 0,
          runningMs: 60_000,
          oneShot: false,
          restarts: 0,
        })
    }
  }

  #view(): EngineView {
    const rows = [
      ...[digest, nextDigest].map((one) => ({ source: `${repository}@${one}`, name: `${repository}:live` })),
      { source: `registry.example/queue@${lockedDigest}`, name: 'registry.example/queue:7' },
    ]
    const views = rows.map(({ source, name }) => ({
      source,
      sourceId: this.images.get(source) ?? null,
      sourceDigests: this.images.has(source) ? [source] : [],
      architecture: 'amd64',
      namedId: this.images.get(name) ?? null,
    }))
    return {
      architecture: 'amd64',
      images: new Map(views.map((view) => [view.source, view])),
      containers: this.containers.map((one) => ({ ...one })),
    }
  }
}

export type Running = {
  agent: Agent
  until(condition: () => boolean): Promise<void>
  ready(): Promise<void>
  /** Sends the agent SIGTERM and waits for its end. */
  stop(): Promise<void>
}

function notice(body: object | null): Promise<string | null> {
  return Promise.resolve(body && JSON.stringify(body))
}

function failing(message: string): Promise<never> {
  return Promise.reject(new Error(message))
}
