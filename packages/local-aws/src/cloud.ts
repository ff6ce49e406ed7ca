import type { Clock } from './clock.ts'
import type { MachineKind } from './instances/kind.ts'
import type { Probe } from './load-balancer/probe.ts'
import type { AutoScaling } from './auto-scaling/model.ts'
import type { CloudWatch } from './cloud-watch/model.ts'
import type { Ec2 } from './ec2/model.ts'
import type { LoadBalancing } from './load-balancing/model.ts'
import type { ObjectStore } from './s3/store.ts'
import type { ImageStore } from './ecr/images.ts'
import type { LayerUploads } from './ecr/layer-uploads.ts'
import type { RegistryTokens } from './ecr/tokens.ts'
import type { Access } from './iam/access.ts'
import type { Identities } from './sts/identities.ts'

/** The whole state of one account in one Region. Operations get it as their first argument. */
export type Cloud = {
  readonly clock: Clock
  /** In [0, 1): seeded where a run must be repeatable. */
  readonly random: () => number
  readonly account: string
  readonly region: string
  readonly machines: MachineKind
  readonly probe: Probe
  readonly autoScaling: AutoScaling
  readonly cloudWatch: CloudWatch
  readonly ec2: Ec2
  readonly loadBalancing: LoadBalancing
  readonly objects: ObjectStore
  readonly images: ImageStore
  readonly identities: Identities
  readonly access: Access
  /** Logins of the registry and links to its layers. */
  readonly registryTokens: RegistryTokens
  readonly layerUploads: LayerUploads
}
