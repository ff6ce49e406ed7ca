import type { Cloud } from '../cloud.ts'
import { AwsError } from '../wire/operation.ts'
import { hex } from '../ids.ts'
import { Timers } from '../timers.ts'
import { awsTiming, type Timing } from '../timing.ts'
import { LaunchTemplates, type TemplateVersion } from './launch-templates.ts'
import { checkTagKeys, metadataOptions } from './metadata-options.ts'
import { SpotMarket } from './spot-notices.ts'
import { visibleTags, type Instance, type InstanceState } from './instance.ts'

export type MachineImage = Readonly<{ id: string; name: string; architecture: 'x86_64' | 'arm64' }>

/** The two machine images every account has. */
export const builtInImages: readonly MachineImage[] = [
  { id: 'ami-0c0ffee0000000864', name: 'debian-13-amd64', architecture: 'x86_64' },
  { id: 'ami-0c0ffee000000a064', name: 'debian-13-arm64', architecture: 'arm64' },
]

export type LaunchRequest = Readonly<{
  version: TemplateVersion
  availabilityZone: string
  subnetId: string
  /** Tags put on at launch; they win over the template's (UG ec2-auto-scaling-tagging). */
  tags: Readonly<Record<string, string>>
}>

/** Instances, machine images and launch templates (EC2). */
export class Ec2 {
  readonly #cloud: Cloud
  readonly #timing: Timing
  readonly #timers: Timers
  readonly #instances = new Map<string, Instance>()
  readonly #listeners: ((instance: Instance) => void)[] = []
  readonly templates: LaunchTemplates
  readonly spot: SpotMarket
  readonly images = new Map(builtInImages.map((image) => [image.id, image]))
  /** A fault to inject: what EC2 refuses a launch with, or null. */
  launchFault: ((request: LaunchRequest) => AwsError | null) | null = null

  /** Other models are looked up in `cloud` only when needed: it may still be incomplete here. */
  constructor(cloud: Cloud, timing: Partial<Timing> = {}) {
    this.#cloud = cloud
    this.#timing = { ...awsTiming, ...timing }
    this.#timers = new Timers(cloud.clock)
    this.templates = new LaunchTemplates(cloud.random, () => cloud.clock.now())
    const clock = { now: () => cloud.clock.now(), after: this.#timers.after.bind(this.#timers) }
    this.spot = new SpotMarket(clock, (id) => this.#take(id))
  }

  /** Called when an instance has changed its state. */
  onState(callback: (instance: Instance) => void): void {
    this.#listeners.push(callback)
  }

  /** Every instance still listed. */
  instances(): Instance[] {
    return [...this.#instances.values()]
  }

  instance(id: string): Instance | undefined {
    return this.#instances.get(id)
  }

  stateOf(id: string): InstanceState | null {
    return this.#instances.get(id)?.state ?? null
  }

  tagsOf(instance: Instance): Record<string, string> {
    return visibleTags(instance, this.#cloud.clock.now())
  }

  /**
   * Starts an instance from a launch template.
   * @throws {AwsError} InvalidAMIID.NotFound, InvalidParameterValue, or what `launchFault` says.
   */
  run(request: LaunchRequest): Instance {
    const { data } = request.version
    const image = this.images.get(data.ImageId ?? '')
    if (!image)
      throw new AwsError('InvalidAMIID.NotFound', `The image id '[${data.ImageId ?? ''}]' does not exist`)
    const fault = this.launchFault?.(request)
    if (fault) throw fault
    const { random, clock, machines } = this.#cloud
    const now = clock.now()
    const options = metadataOptions(data.MetadataOptions)
    const tags = { ...templateTags(data.TagSpecifications), ...request.tags }
    checkTagKeys(options, Object.keys(tags))
    const instance: Instance = {
      id: `i-0${hex(random, 16)}`,
      reservationId: `r-0${hex(random, 16)}`,
      ip: machines.nextIp(),
      imageId: image.id,
      instanceType: data.InstanceType ?? 'm1.small',
      architecture: image.architecture,
      availabilityZone: request.availabilityZone,
      subnetId: request.subnetId,
      profile: data.IamInstanceProfile?.Name ?? data.IamInstanceProfile?.Arn?.split('/').at(-1) ?? null,
      launchedAt: now,
      metadataOptions: options,
      terminationProtected: data.DisableApiTermination ?? false,
      state: 'pending',
      stateReason: null,
      terminatedAt: null,
      tagWrites: [],
      machine: null,
    }
    this.#instances.set(instance.id, instance)
    this.tag([instance.id], tags)
    instance.machine = machines.start(
      {
        instanceId: instance.id,
        ip: instance.ip,
        imageId: instance.imageId,
        instanceType: instance.instanceType,
        availabilityZone: instance.availabilityZone,
        role: instance.profile,
        userData: data.UserData ? Buffer.from(data.UserData, 'base64').toString('utf8') : null,
        launchedAt: now,
        metadataOptions: options,
        tags,
      },
      {
        running: () => {
          if (instance.state === 'pending') this.#enter(instance, 'running')
        },
        stopped: () => {
          if (instance.state !== 'pending' && instance.state !== 'running') return
          instance.stateReason = {
            code: 'Client.InstanceInitiatedShutdown',
            message: 'Client.InstanceInitiatedShutdown: Instance initiated shutdown',
          }
          this.#enter(instance, 'stopped')
        },
      },
    )
    return instance
  }

  #enter(instance: Instance, state: InstanceState): void {
    instance.state = state
    for (const callback of this.#listeners) callback(instance)
  }

  /** Sets tags, or takes those away whose value is null. Others see it after the tag lag. */
  tag(ids: readonly string[], tags: Readonly<Record<string, string | null>>): void {
    const visibleAt = this.#cloud.clock.now() + this.#timing.tagLagMs
    for (const id of ids) {
      const writes = this.existing(id).tagWrites
      for (const [key, value] of Object.entries(tags)) writes.push({ key, value, visibleAt })
    }
  }

  /** @throws {AwsError} InvalidInstanceID.Malformed or InvalidInstanceID.NotFound. */
  existing(id: string): Instance {
    if (!/^i-[0-9a-f]{8}(?:[0-9a-f]{9})?$/.test(id))
      throw new AwsError('InvalidInstanceID.Malformed', `Invalid id: "${id}"`)
    const instance = this.#instances.get(id)
    if (!instance) throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`)
    return instance
  }

  /** Begins to end an instance; repeating it changes nothing. @returns the state before. */
  terminate(id: string): InstanceState {
    return this.#terminate(this.existing(id), 'Client.UserInitiatedShutdown', 'User initiated shutdown')
  }

  /** Ends a Spot instance whose moment has come, where it has not ended otherwise (EC2 API reference, StateReason). */
  #take(id: string): void {
    const instance = this.#instances.get(id)
    if (instance) this.#terminate(instance, 'Server.SpotInstanceTermination', 'Spot instance termination')
  }

  #terminate(instance: Instance, code: string, why: string): InstanceState {
    const before = instance.state
    if (before === 'shutting-down' || before === 'terminated') return before
    instance.stateReason = { code, message: `${code}: ${why}` }
    this.#enter(instance, 'shutting-down')
    void this.#end(instance)
    return before
  }

  async #end(instance: Instance): Promise<void> {
    if (!(await this.#machineDid(instance, instance.machine?.terminate()))) return
    instance.terminatedAt = this.#cloud.clock.now()
    instance.machine = null
    this.#enter(instance, 'terminated')
    this.#timers.after(this.#timing.terminatedListedMs, () => this.#forget(instance.id))
  }

  #forget(id: string): void {
    this.#instances.delete(id)
    this.spot.forget(id)
  }

  /** @throws {AwsError} IncorrectInstanceState where it is not running. */
  rebootable(id: string): Instance {
    const instance = this.existing(id)
    if (instance.state !== 'running')
      throw new AwsError(
        'IncorrectInstanceState',
        `The instance '${id}' is not in a state from which it can be rebooted.`,
      )
    return instance
  }

  /** Resolves when the machine has been told to go down and come back. */
  async reboot(id: string): Promise<void> {
    const instance = this.rebootable(id)
    await this.#machineDid(instance, instance.machine?.reboot())
  }

  /** A machine that does not obey is a fault of the host: the instance stays as it is and says why, as one on failed hardware. */
  async #machineDid(instance: Instance, work: Promise<void> | undefined): Promise<boolean> {
    try {
      await work
      return true
    } catch (error) {
      const message = `Server.InternalError: ${(error as Error).message}`
      instance.stateReason = { code: 'Server.InternalError', message }
      return false
    }
  }

  close(): void {
    this.#timers.close()
  }
}

function templateTags(
  specifications: TemplateVersion['data']['TagSpecifications'] = [],
): Record<string, string> {
  const tags = specifications
    .filter((specification) => specification.ResourceType === 'instance')
    .flatMap((specification) => specification.Tags)
  return Object.fromEntries(tags.map((tag) => [tag.Key, tag.Value]))
}
