import { ECRClient } from '@aws-sdk/client-ecr'
import { digestTagKey, tagKey } from '@switchover/contract/tags'
import type { Cloud } from '@switchover/local-aws/cloud'
import * as account from '@switchover/rehearsal/account'
import { pushVirtualImage } from '@switchover/rehearsal/virtual-image'
import { until } from './until.ts'

/** What `--image` takes: the service has no bundle. */
export const repository = '123456789012.dkr.ecr.us-east-1.amazonaws.com/web'

type Plan = Readonly<{
  /** That serve v1 from web-blue; 0: both groups are empty and nothing was ever deployed. */
  instances: number
  /** Of both groups. */
  maxSize: number
  /** In the registry. */
  versions: readonly string[]
  healthIntervalS: number
  deregistrationDelayS: number
}>

const limitMs = 5 * 60_000

/**
 * Makes the service `web` of virtual instances in an account, and waits until it serves.
 * @returns the ARN of its target group
 */
export async function bringUpService(
  cloud: Cloud,
  endpoint: string,
  { instances, versions, ...settings }: Plan,
): Promise<string> {
  const clients = account.createClients(endpoint, cloud.region)
  const ecr = new ECRClient({ endpoint, region: cloud.region, credentials: account.keys })
  for (const version of versions) await pushVirtualImage(ecr, account.service, version)
  await account.createStore(clients)
  const { targetGroupArn } = await account.createService(clients, {
    userData: '',
    listenerPort: 80,
    appPort: 8_080,
    agentPort: 8_090,
    ...settings,
  })
  if (instances === 0) return targetGroupArn
  const image = await cloud.images.manifest(account.service, 'v1')
  const [blue] = account.groupNames
  const tags = { [tagKey.version]: 'v1', [digestTagKey('')]: image?.digest ?? '' }
  await account.bringUp(clients, blue, tags, instances)
  const { targets } = cloud.loadBalancing.targetGroup(targetGroupArn)
  const healthy = () => [...targets.values()].filter(({ state }) => state === 'healthy').length === instances
  await until(healthy, limitMs, `${blue} is healthy on v1`)
  return targetGroupArn
}
