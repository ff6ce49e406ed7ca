import {
  paginateDescribeAutoScalingGroups,
  type AutoScalingClient,
  type AutoScalingGroup,
} from '@aws-sdk/client-auto-scaling'

/** More pages than any account's 500 groups fill: a list that never ends is an error, not a wait. */
const pageLimit = 50

type Query = { AutoScalingGroupNames?: string[]; Filters?: { Name: string; Values: string[] }[] }

/** Groups as AWS describes them, all pages. @throws {Error} where the pages have no end. */
export async function describeGroups(
  client: AutoScalingClient,
  query: Query,
  abortSignal?: AbortSignal,
): Promise<AutoScalingGroup[]> {
  const settings = { client, ...(abortSignal === undefined ? {} : { abortSignal }) }
  const groups: AutoScalingGroup[] = []
  let pages = 0
  for await (const { AutoScalingGroups = [] } of paginateDescribeAutoScalingGroups(settings, query)) {
    groups.push(...AutoScalingGroups)
    pages += 1
    if (pages >= pageLimit) throw new Error('DescribeAutoScalingGroups answers without an end.')
  }
  return groups
}
