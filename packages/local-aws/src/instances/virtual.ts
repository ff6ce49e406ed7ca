import { randomInt } from 'node:crypto'
import type { Cloud } from '../cloud.ts'
import type { Probe } from '../load-balancer/probe.ts'
import type { Machine, MachineEvents, MachineKind, MachineSpec } from './kind.ts'
import { VirtualMachine } from './virtual/machine.ts'
import { defaultOptions, type VirtualOptions } from './virtual/options.ts'

export type { VirtualOptions }

/** Machines that are timed models and behave as real ones with our agent. `probe` is absent where they really listen. */
export function virtualMachines(cloud: Cloud, options: Partial<VirtualOptions> = {}): MachineKind {
  return new VirtualMachines(cloud, { ...defaultOptions, ...options })
}

class VirtualMachines implements MachineKind {
  readonly name = 'virtual'
  readonly #cloud: Cloud
  readonly #options: VirtualOptions
  readonly #byIp = new Map<string, VirtualMachine>()
  readonly #network: string
  readonly probe?: Probe
  #lastHost = 0

  constructor(cloud: Cloud, options: VirtualOptions) {
    this.#cloud = cloud
    this.#options = options
    // Several clouds may listen on one host at the same time: each begins at a /24 of the loopback network by chance, away from 127.0.
    this.#network = options.listen ? `127.${randomInt(16, 240)}` : '10.0'
    if (options.listen) this.#lastHost = 256 * randomInt(200)
    if (!options.listen) this.probe = (check) => this.#check(check)
  }

  nextIp(): string {
    this.#lastHost += 1
    const host = this.#lastHost + 256
    return `${this.#network}.${(host >> 8) & 255}.${host & 255}`
  }

  start(spec: MachineSpec, events: MachineEvents): Machine {
    const machine = new VirtualMachine(this.#cloud, spec, this.#options, events, () => {
      this.#byIp.delete(spec.ip)
    })
    this.#byIp.set(spec.ip, machine)
    return machine
  }

  /** An address nobody has answers nothing until the check times out. */
  async #check({ ip, port, path, okStatus, timeoutMs }: Parameters<Probe>[0]): ReturnType<Probe> {
    const machine = this.#byIp.get(ip)
    if (machine) return machine.check(port, path, okStatus)
    await new Promise<void>((done) => void this.#cloud.clock.after(timeoutMs, done))
    return { ok: false, reason: 'Target.Timeout', description: 'Request timed out' }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#byIp.values()].map((machine) => machine.stop()))
    this.#byIp.clear()
  }
}
