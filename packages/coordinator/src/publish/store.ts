import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling'
import { parseStoreUrl } from '@switchover/contract/store'
import type { StoreLocation } from '@switchover/contract/store'
import { tagKey } from '@switchover/contract/tags'
import { describeGroups } from '../aws/describe-groups.ts'
import { noSuchService } from '../aws/services.ts'
import { Refusal } from '../events.ts'

/** The store an `s3://…` address names. */
export function storeOf(url: string): StoreLocation {
  const store = parseStoreUrl(url)
  if (!store) throw new Refusal(2, 'refused', `"${url}" is not a store: write s3://BUCKET/PREFIX.`)
  return store
}

/**
 * The store a service's groups name in their tag switchover:store. One group is enough: a bundle is published before the
 * second group is made.
 */
export async function storeOfService(
  autoScaling: AutoScalingClient,
  service: string,
): Promise<StoreLocation> {
  const filter = { Name: `tag:${tagKey.service}`, Values: [service] }
  const groups = await describeGroups(autoScaling, { Filters: [filter] })
  const urls = new Set(
    groups.flatMap(({ Tags = [] }) => Tags.find((tag) => tag.Key === tagKey.store)?.Value || []),
  )
  const [url, other] = urls
  if (groups.length === 0) throw await noSuchService(autoScaling, service)
  if (url === undefined)
    throw new Refusal(2, 'refused', `The groups of ${service} have no tag ${tagKey.store}.`)
  if (other !== undefined)
    throw new Refusal(2, 'refused', `The groups of ${service} name two stores, ${url} and ${other}.`)
  return storeOf(url)
}
