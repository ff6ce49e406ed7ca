import type { Cancel } from '../../clock.ts'
import type { Cloud } from '../../cloud.ts'
import { registryPermissions } from '../../iam/permissions/registry.ts'
import { AwsError } from '../../wire/operation.ts'
import type { Machine, MachineEvents, MachineKind, MachineSpec } from '../kind.ts'
import { ContainerMachine, type MachineHome } from './container-machine.ts'
import type { InstanceView, MetadataSettings } from './imds.ts'
import type { MachineNetwork } from './network.ts'
import { metadataView, type MetadataCloud } from './metadata-view.ts'
import { CurrentCredentials } from './role-credentials.ts'

/** The parts of the cloud that machines ask; the machines are made before the cloud is whole. */
export type MachineCloud = MetadataCloud &
  Readonly<{
    clock: Cloud['clock']
    identities: Pick<Cloud['identities'], 'issue'>
    registryTokens: Pick<Cloud['registryTokens'], 'holderOf'>
    access: Pick<Cloud['access'], 'require'>
  }>

/** Asked at each request, so that a metadata service can be made to fail while its instance runs. */
export type SettingsOf = (instanceId: string) => Partial<MetadataSettings>

/** The machines there are, found by their address. */
export class Fleet {
  readonly #network: MachineNetwork
  readonly #settings: SettingsOf
  readonly #specs = new Map<string, MachineSpec>()
  readonly #credentials = new CurrentCredentials()
  readonly #machines = new Set<ContainerMachine>()
  #cloud: MachineCloud | null = null
  #closed = false

  constructor(network: MachineNetwork, settings: SettingsOf) {
    this.#network = network
    this.#settings = settings
  }

  connect(cloud: MachineCloud, home: MachineHome, close: () => Promise<void>): MachineKind {
    this.#cloud = cloud
    return {
      name: 'container',
      nextIp: () => this.#network.nextIp(),
      start: (spec, events) => this.#start(spec, events, home),
      close,
    }
  }

  now(): number {
    return this.#cloud?.clock.now() ?? 0
  }

  /** Runs `task` after so much of the cloud's time; before there is a cloud nobody waits for anything. */
  after(delayMs: number, task: () => void): Cancel {
    return this.#cloud?.clock.after(delayMs, task) ?? (() => {})
  }

  /** Why the registry denies a request with this login, or null. */
  denial(token: string, request: { method: string; path: string }): string | null {
    const holder = this.#cloud?.registryTokens.holderOf(token)
    if (!this.#cloud || !holder) return 'Your authorization token has expired. Reauthenticate and try again.'
    try {
      this.#cloud.access.require(holder, registryPermissions(this.#cloud, request))
      return null
    } catch (error) {
      if (error instanceof AwsError) return error.message
      throw error
    }
  }

  view(ip: string): InstanceView | null {
    const cloud = this.#cloud
    const spec = this.#specs.get(ip)
    if (cloud === null || spec === undefined) return null
    const { instanceId, role } = spec
    const credentials =
      role === null
        ? null
        : this.#credentials.of(instanceId, cloud.clock.now(), () => cloud.identities.issue(instanceId, role))
    return { ...metadataView(cloud, spec, credentials), ...this.#settings(instanceId) }
  }

  /** After this nobody is told of anything, and nothing new comes up. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#machines].map((machine) => machine.abandon()))
  }

  #start(spec: MachineSpec, events: MachineEvents, home: MachineHome): Machine {
    if (this.#closed) return { reboot: async () => {}, terminate: async () => {} }
    const machine = new ContainerMachine(spec, events, home)
    this.#specs.set(spec.ip, spec)
    this.#machines.add(machine)
    return {
      reboot: () => machine.reboot(),
      terminate: async () => {
        await machine.terminate()
        this.#machines.delete(machine)
        this.#credentials.forget(spec.instanceId)
        if (this.#specs.get(spec.ip) === spec) this.#specs.delete(spec.ip)
      },
    }
  }
}
