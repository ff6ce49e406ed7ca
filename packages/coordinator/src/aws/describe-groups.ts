import {
  paginateDescribeAutoScalingGroups,
  type AutoScalingClient,
  type AutoScalingGroup,
} from '@aws-sdk/client-auto-scaling'
import { allPages } from './pages.ts'

/** A quota of 500 groups is less than so many pages of 50, full or not. */
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
  const pages = paginateDescribeAutoScalingGroups(settings, query)
  for await (const { AutoScalingGroups = [] } of allPages(pages, pageLimit)) groups.push(...AutoScalingGroups)
  return groups
}
