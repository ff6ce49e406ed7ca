import type { Cloud } from '../../cloud.ts'
import type { MachineSpec } from '../kind.ts'
import type { Metadata, RoleCredentials } from './metadata.ts'

/** What metadata services ask of the cloud. */
export type MetadataCloud = Readonly<{
  account: string
  region: string
  ec2: { spot: Pick<Cloud['ec2']['spot'], 'notices'> }
  autoScaling: Pick<Cloud['autoScaling'], 'targetLifecycleState'>
}>

/** What an instance's metadata service tells of it now. */
export function metadataNow(
  cloud: MetadataCloud,
  spec: MachineSpec,
  credentials: RoleCredentials | null,
): Metadata {
  return {
    ...spec,
    architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
    region: cloud.region,
    account: cloud.account,
    targetLifecycleState: cloud.autoScaling.targetLifecycleState(spec.instanceId),
    spot: cloud.ec2.spot.notices(spec.instanceId),
    tags: null, // EC2's default: InstanceMetadataTags=disabled
    credentials,
  }
}
