import type { MetadataOptions } from '../ec2/metadata-options.ts'
import type { Probe } from '../load-balancer/probe.ts'

/** What EC2 knows when it starts a machine. */
export type MachineSpec = Readonly<{
  instanceId: string
  ip: string
  imageId: string
  instanceType: string
  availabilityZone: string
  /** Name of the role in the instance profile, or null. */
  role: string | null
  /** Decoded user-data, or null. */
  userData: string | null
  launchedAt: number
  metadataOptions: MetadataOptions
  /** Tags of the instance itself, as propagated at launch. */
  tags: Readonly<Record<string, string>>
}>

/** What a machine tells EC2 of itself. */
export type MachineEvents = {
  running(): void
  /** The machine powered itself off or died; EC2 sees it as stopped (or terminated, by its shutdown behaviour). */
  stopped(): void
}

/** One machine. */
export interface Machine {
  /** Orderly power-off; resolves when the machine is gone for good. Safe to repeat. */
  terminate(): Promise<void>
  reboot(): Promise<void>
}

/** The two kinds of instance, `virtual` and `container`, behind one interface. */
export interface MachineKind {
  readonly name: 'virtual' | 'container'
  /** Whether `ip` belongs to this kind is its own affair: it chooses one for each new instance. */
  nextIp(): string
  /** Answers health checks of machines that have no network of their own; where absent they are checked over HTTP. */
  readonly probe?: Probe
  start(spec: MachineSpec, events: MachineEvents): Machine
  /** Ends every machine and gives back all it took (networks, listeners). */
  close(): Promise<void>
}
