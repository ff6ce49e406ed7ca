import { paginateDescribeScalingActivities, type Activity } from '@aws-sdk/client-auto-scaling'
import type { AwsClients } from '../aws/clients.ts'
import type { LaunchFailure } from '../decide/world.ts'

/** Pages of 100 activities, newest first; a group that fails faster than that is known to fail. */
const pageLimit = 5

/**
 * What AWS says where it may have room again later (EC2 error codes InsufficientInstanceCapacity and its kin, and the
 * sentences Auto Scaling puts them into). Every other failed launch stays failed until somebody changes something.
 */
const capacityTexts = [
  /InsufficientInstanceCapacity|InsufficientHostCapacity|InsufficientReservedInstanceCapacity/,
  /InsufficientCapacity|InsufficientCapacityOnHost|InsufficientFreeAddressesInSubnet/,
  /sufficient .*capacity/i,
  /no Spot capacity available|SpotMaxPriceTooLow|MaxSpotInstanceCountExceeded/i,
  /not enough free addresses|insufficient free addresses/i,
  /RequestLimitExceeded|Rate exceeded|InternalError|internal error|Unavailable/,
  /Unsupported.*(?:Availability Zone|requested Availability Zone)/,
]

/** Launches of `group` that failed at or after `since` (milliseconds since the epoch), oldest first. */
export async function readLaunchFailures(
  clients: AwsClients,
  group: string,
  since: number,
): Promise<LaunchFailure[]> {
  const failures: LaunchFailure[] = []
  let pages = 0
  const query = { AutoScalingGroupName: group }
  for await (const { Activities = [] } of paginateDescribeScalingActivities(
    { client: clients.autoScaling },
    query,
  )) {
    failures.push(...Activities.flatMap((activity) => launchFailure(activity, since) ?? []))
    pages += 1
    const oldest = Activities.at(-1)?.StartTime?.getTime() ?? 0
    if (oldest < since || pages >= pageLimit) break
  }
  return failures.toSorted((a, b) => a.at - b.at)
}

function launchFailure(activity: Activity, since: number): LaunchFailure | null {
  const at = activity.StartTime?.getTime() ?? 0
  const launch = activity.Description?.startsWith('Launching a new EC2 instance') ?? false
  if (activity.StatusCode !== 'Failed' || !launch || at < since) return null
  const sentence = activity.StatusMessage ?? activity.Cause ?? 'AWS gave no reason.'
  return { at, sentence, kind: launchFailureKind(sentence) }
}

export function launchFailureKind(sentence: string): LaunchFailure['kind'] {
  return capacityTexts.some((text) => text.test(sentence)) ? 'capacity' : 'permanent'
}
