import type { Cloud } from '../../cloud.ts'
import type { MachineSpec } from '../kind.ts'
import type { InstanceView } from './imds.ts'
import type { ShownCredentials } from './metadata.ts'

/** What metadata services ask of the cloud. */
export type MetadataCloud = Readonly<{
  account: string
  region: string
  ec2: Pick<Cloud['ec2'], 'instance' | 'tagsOf'> & { spot: Pick<Cloud['ec2']['spot'], 'notices'> }
  autoScaling: Pick<Cloud['autoScaling'], 'targetLifecycleState'>
}>

/** What an instance's metadata service tells of it now, and how it was set up at launch. */
export function metadataView(
  cloud: MetadataCloud,
  spec: MachineSpec,
  credentials: ShownCredentials | null,
): InstanceView {
  const { instanceId, metadataOptions: options } = spec
  const instance = options.tags ? cloud.ec2.instance(instanceId) : undefined
  return {
    httpTokens: options.httpTokens,
    httpEndpoint: options.httpEndpoint,
    tokenReachesCaller: true,
    fault: null,
    metadata: {
      ...spec,
      architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
      region: cloud.region,
      account: cloud.account,
      targetLifecycleState: cloud.autoScaling.targetLifecycleState(instanceId),
      spot: cloud.ec2.spot.notices(instanceId),
      tags: instance ? cloud.ec2.tagsOf(instance) : null,
      credentials,
    },
  }
}
