import { eventSchema } from '@switchover/contract/event'
import type { Call } from '@switchover/local-aws/wire/dispatch'
import type { WireRequest, WireResponse } from '@switchover/local-aws/wire/message'
import type { Clock } from '../../packages/coordinator/src/clock.ts'
import type { Ports } from '../../packages/coordinator/src/run/ports.ts'
import type { EventLog } from './event-log.ts'
import { changes, type Faults } from './faults.ts'
import type { Fate } from './plan.ts'
import type { Scene } from './scene.ts'

/** A changing call at the moment it is sent. */
export type Sent = Readonly<{ owner: string; call: Call; body: string }>

type Surroundings = Readonly<{
  scene: Scene
  log: EventLog
  faults: Faults
  pollMs: number
  skewMs: number
  /** In [0, 1). */
  random: () => number
  /** Told of every call before it takes effect, and waited for. */
  onCall: () => Promise<void>
  /** Told of every changing call. */
  onChange: (sent: Sent) => void
}>

/** A call takes so long at least, and so much longer at most. Milliseconds. */
const latency = { least: 8, more: 120 }

/** One coordinator process: its own clients and clock, and what befalls it. */
export class Coordinator {
  readonly ports: Ports
  readonly owner: string
  /** Changing calls it made, as often as it made each. */
  readonly changes = new Map<string, number>()
  calls = 0
  dead = false
  /** Called when it dies. */
  onDeath: () => void = () => undefined
  readonly #around: Surroundings
  readonly #fate: Fate
  readonly #stop = new AbortController()
  #asleepUntil = 0

  constructor(owner: string, fate: Fate, around: Surroundings) {
    this.owner = owner
    this.#fate = fate
    this.#around = around
    const { scene, log, random } = around
    this.ports = {
      clients: scene.connect((call, proceed, request) => this.#pass(call, proceed, request)),
      clock: this.#clock(),
      random,
      emit: (event) => {
        const { text } = eventSchema.parse(event)
        log.add(owner, `${event.event}: ${text}`)
      },
      owner,
      pollMs: around.pollMs,
      interrupt: this.#stop.signal,
    }
    const { stoppedAfter } = fate
    if (stoppedAfter !== null) void scene.clock.sleep(stoppedAfter).then(() => this.#interrupt())
  }

  #interrupt(): void {
    if (this.dead) return
    this.#around.log.add(this.owner, 'gets SIGTERM')
    this.#stop.abort()
  }

  /** Its timers do not fire while it stands still, nor once it is dead. */
  #clock(): Clock {
    const { scene, skewMs } = this.#around
    const { clock } = scene
    return {
      ...clock,
      now: () => clock.now() + skewMs,
      sleep: async (ms, signal) => {
        await clock.sleep(ms, signal)
        await this.#awake()
      },
    }
  }

  async #awake(): Promise<void> {
    const { clock } = this.#around.scene
    while (clock.now() < this.#asleepUntil) await clock.sleep(this.#asleepUntil - clock.now())
    if (this.dead) await never()
  }

  async #pass(
    call: Call,
    proceed: () => Promise<WireResponse>,
    request: WireRequest,
  ): Promise<WireResponse | null> {
    if (this.dead) return never()
    const nth = ++this.calls
    const { killed, pauses } = this.#fate
    const { log, faults, random, scene } = this.#around
    if (changes(call)) this.#note(call, request)
    if (killed?.call === nth && killed.when === 'before') return this.#die()
    const pause = pauses.find((one) => one.call === nth)
    if (pause) {
      log.add(this.owner, `stands still for ${pause.ms} ms`)
      this.#asleepUntil = scene.clock.now() + pause.ms
    }
    await scene.clock.sleep(latency.least + Math.floor(latency.more * random()))
    await this.#around.onCall()
    const { response, fault } = await faults.answer(call, proceed, request)
    const said = fault === null ? '' : ` (${fault})`
    if (changes(call) || fault !== null)
      log.add(this.owner, `${nth} ${call.operation} → ${response?.status ?? 'no answer'}${said}`)
    if (killed?.call === nth) return this.#die()
    await this.#awake()
    return response
  }

  #note(call: Call, { body, path }: WireRequest): void {
    const text = call.service === 's3' ? path : decodeURIComponent(Buffer.from(body).toString())
    const said = text.replace(/^Action=\w+&Version=[\d-]+&?/, '').replace(/^Version=[\d-]+&Action=\w+&?/, '')
    this.#around.log.add(this.owner, `${this.calls} ${call.operation} ${said}`)
    const key = `${call.operation} ${said}`
    this.changes.set(key, (this.changes.get(key) ?? 0) + 1)
    this.#around.onChange({ owner: this.owner, call, body: said })
  }

  #die(): Promise<never> {
    this.#around.log.add(this.owner, `is killed at its call ${this.calls}`)
    this.dead = true
    this.onDeath()
    return never()
  }
}

/** A promise of its own each time: one for all would keep every world that ever waited for it. */
const never = () => new Promise<never>(() => {})
