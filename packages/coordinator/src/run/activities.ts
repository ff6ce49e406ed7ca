import { paginateDescribeScalingActivities, type Activity } from '@aws-sdk/client-auto-scaling'
import type { AwsClients } from '../aws/clients.ts'
import type { LaunchFailure, Replacement, World } from '../decide/world.ts'

/** Pages of 100 activities, newest first; a group that fails faster than that is known to fail. */
const pageLimit = 5

/**
 * What AWS says where it may have room again later, or in another zone (EC2 error codes InsufficientInstanceCapacity and
 * its kin, and the sentences Auto Scaling puts them into). Every other failed launch stays failed until somebody changes
 * something; a quota too, for nothing of a deployment frees any of it.
 */
const capacityTexts = [
  /Insufficient(?:Instance|Host|ReservedInstance|Volume|)Capacity|InsufficientFreeAddressesInSubnet/,
  /sufficient .*capacity|insufficient capacity/i,
  /no Spot capacity available|SpotMaxPriceTooLow/i,
  /spot request price .* lower than the minimum required/i,
  /not enough free addresses|insufficient free addresses/i,
  /RequestLimitExceeded|Request limit exceeded|Rate exceeded|Unavailable/,
  // An instance that ends with Client.InternalError may not use the key of its encrypted volume, which does not heal.
  /(?<!Client\.)InternalError|internal error has occurred/i,
  // The group's other zones come next.
  /(?:not supported|Unsupported|no longer supported).*Availability Zone/,
  /Availability Zone.* is no longer supported/,
]

/** `launchedAt`: when the launch of an instance began, milliseconds since the epoch; nothing is decided by it. */
export type Setbacks = Pick<World, 'launchFailures' | 'replacements'> &
  Readonly<{ launchedAt: ReadonlyMap<string, number> }>
export const noSetbacks: Setbacks = { launchFailures: [], replacements: [], launchedAt: new Map() }

/** What went wrong with instances of `group` at or after `since` (milliseconds since the epoch), oldest first. */
export async function readSetbacks(clients: AwsClients, group: string, since: number): Promise<Setbacks> {
  const launchFailures: LaunchFailure[] = []
  const replacements: Replacement[] = []
  const launchedAt = new Map<string, number>()
  let pages = 0
  // The bound is to the second, and six weeks of activities are kept.
  const bound = new Date(Math.floor(since / 1_000) * 1_000).toISOString()
  const query = {
    AutoScalingGroupName: group,
    Filters: [{ Name: 'StartTimeLowerBound', Values: [bound] }],
  }
  for await (const { Activities = [] } of paginateDescribeScalingActivities(
    { client: clients.autoScaling },
    query,
  )) {
    const recent = Activities.filter((activity) => startOf(activity) >= since)
    launchFailures.push(...recent.flatMap((activity) => launchFailure(activity) ?? []))
    replacements.push(...recent.flatMap((activity) => replacement(activity) ?? []))
    for (const activity of recent) {
      const instance = launchedBy(activity)
      if (instance !== null) launchedAt.set(instance, startOf(activity))
    }
    pages += 1
    // In progress first, then newest first (API reference, DescribeScalingActivities): a page that ends before `since`
    // is the last that matters.
    const last = Activities.at(-1)
    if (!last || startOf(last) < since || pages >= pageLimit) break
  }
  return {
    launchFailures: launchFailures.toSorted(byTime),
    replacements: replacements.toSorted(byTime),
    launchedAt,
  }
}

/** The instance a launch is about, null for anything else. */
function launchedBy({ Description = '' }: Activity): string | null {
  return /^Launching a new EC2 instance: (i-[0-9a-f]+)/.exec(Description)?.[1] ?? null
}

function startOf(activity: Activity): number {
  return activity.StartTime?.getTime() ?? 0
}

function byTime(a: { at: number }, b: { at: number }): number {
  return a.at - b.at
}

function launchFailure(activity: Activity): LaunchFailure | null {
  const launch = activity.Description?.startsWith('Launching a new EC2 instance') ?? false
  if (activity.StatusCode !== 'Failed' || !launch) return null
  const sentence = activity.StatusMessage ?? activity.Cause ?? 'AWS gave no reason.'
  return { at: startOf(activity), sentence, kind: launchFailureKind(sentence) }
}

/** An instance that was taken out of service though the group wanted as many as before; null for anything else. */
export function replacement(activity: Activity): Replacement | null {
  const instance = /^Terminating EC2 instance: (i-[0-9a-f]+)/.exec(activity.Description ?? '')?.[1]
  if (instance === undefined || activity.StatusCode === 'Failed') return null
  // A scale-in: the group wanted fewer.
  if (/shrinking the capacity from/.test(activity.Cause ?? '')) return null
  return { at: startOf(activity), instance, cause: activity.Cause ?? 'AWS gave no reason.' }
}

export function launchFailureKind(sentence: string): LaunchFailure['kind'] {
  return capacityTexts.some((text) => text.test(sentence)) ? 'capacity' : 'permanent'
}
