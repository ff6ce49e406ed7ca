import { AutoScaling } from './auto-scaling/model.ts'
import type { Clock } from './clock.ts'
import type { Cloud } from './cloud.ts'
import { CloudWatch } from './cloud-watch/model.ts'
import { Ec2 } from './ec2/model.ts'
import type { ImageStore } from './ecr/images.ts'
import { MemoryImages } from './ecr/memory-images.ts'
import { LayerUploads } from './ecr/layer-uploads.ts'
import { RegistryTokens } from './ecr/tokens.ts'
import { Access, type RolePolicies } from './iam/access.ts'
import type { MachineKind } from './instances/kind.ts'
import type { Probe } from './load-balancer/probe.ts'
import { LoadBalancing } from './load-balancing/model.ts'
import { ObjectStore } from './s3/store.ts'
import { Identities } from './sts/identities.ts'
import type { Timing } from './timing.ts'

export type CloudOptions = Readonly<{
  clock: Clock
  /** In [0, 1). */
  random: () => number
  /** Makes the machines; called while the cloud is still being put together, so it keeps `cloud` for later. */
  machines: (cloud: Cloud) => MachineKind
  /** Where absent, the machines' own. */
  probe?: Probe
  /** Where absent, a registry in memory. */
  images?: ImageStore
  account?: string
  region?: string
  timing?: Partial<Timing>
  /** Where given, IAM is evaluated: sessions of a role may do what its policies allow, other roles nothing. */
  policies?: RolePolicies
  /** Told what a caller is answered whom the policies refuse. */
  onRefused?: (sentence: string) => void
}>

/** An empty account. Nothing happens in it before its first request. */
export function createCloud(options: CloudOptions): Cloud {
  return new Account(options)
}

/** Ends what goes on in the account by itself, and every machine. */
export async function closeCloud(cloud: Cloud): Promise<void> {
  for (const model of [cloud.autoScaling, cloud.loadBalancing, cloud.ec2]) model.close()
  await cloud.machines.close()
}

class Account implements Cloud {
  readonly clock: Clock
  readonly random: () => number
  readonly account: string
  readonly region: string
  readonly objects: ObjectStore
  readonly images: ImageStore
  readonly identities: Identities
  readonly access: Access
  readonly registryTokens: RegistryTokens
  readonly layerUploads: LayerUploads
  readonly machines: MachineKind
  readonly probe: Probe
  readonly cloudWatch: CloudWatch
  readonly ec2: Ec2
  readonly loadBalancing: LoadBalancing
  readonly autoScaling: AutoScaling

  constructor(options: CloudOptions) {
    this.clock = options.clock
    this.random = options.random
    this.account = options.account ?? '123456789012'
    this.region = options.region ?? 'us-east-1'
    this.objects = new ObjectStore(this.clock)
    this.images = options.images ?? new MemoryImages()
    this.identities = new Identities(this.clock, this.account)
    this.access = new Access(this, options.policies, options.onRefused)
    this.registryTokens = new RegistryTokens(this.clock)
    this.layerUploads = new LayerUploads(this.random)
    this.machines = options.machines(this)
    const probe = options.probe ?? this.machines.probe
    if (!probe) throw new TypeError(`Machines of the kind ${this.machines.name} need a probe that is given.`)
    this.probe = probe
    this.cloudWatch = new CloudWatch(this)
    this.ec2 = new Ec2(this, options.timing)
    this.loadBalancing = new LoadBalancing(this, options.timing)
    this.autoScaling = new AutoScaling(this, options.timing)
  }
}
