import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling'
import { tagKey } from '@switchover/contract/tags'
import leven from 'leven'
import { Refusal } from '../events.ts'
import { describeGroups } from './describe-groups.ts'

/** So many are named in a sentence. */
const namedMax = 6

/** The services that groups of this account and region belong to, sorted. */
export async function listServices(
  autoScaling: AutoScalingClient,
  abortSignal?: AbortSignal,
): Promise<string[]> {
  const query = { Filters: [{ Name: 'tag-key', Values: [tagKey.service] }] }
  const groups = await describeGroups(autoScaling, query, abortSignal)
  const services = new Set(
    groups.flatMap(({ Tags = [] }) => Tags.find(({ Key }) => Key === tagKey.service)?.Value || []),
  )
  return [...services].toSorted()
}

/** What is said of a service that no group belongs to: with the one that was meant, or those there are. */
export async function noSuchService(autoScaling: AutoScalingClient, service: string): Promise<Refusal> {
  const services = await listServices(autoScaling).catch(() => null)
  return new Refusal(2, 'refused', noServiceText(service, services))
}

/** @param services the services there are, sorted; null where AWS did not say */
export function noServiceText(service: string, services: readonly string[] | null): string {
  const none = `No Auto Scaling group in this account and region has the tag ${tagKey.service}=${service}`
  if (services === null) return `${none}: check the name, --region and --profile.`
  if (services.length === 0) return `${none}, nor one of any other service: check --region and --profile.`
  const [nearest = ''] = services.toSorted((a, b) => leven(a, service) - leven(b, service))
  const mistakes = Math.max(2, Math.floor(service.length / 3))
  if (leven(nearest, service) <= mistakes) return `${none}. Did you mean ${nearest}?`
  const more = services.length > namedMax ? ` and ${services.length - namedMax} more` : ''
  return `${none}. The services here are ${services.slice(0, namedMax).join(', ')}${more}: check --region and --profile.`
}
