import { DescribeScalingActivitiesCommand, type Activity } from '@aws-sdk/client-auto-scaling'
import type { AwsClients } from '../aws/clients.ts'
import type { ActivityStatus } from './model.ts'

/** Shown of each group. */
const shownMost = 4
const longestText = 160

/** What a group did last, newest first. */
export async function readActivities(
  { autoScaling }: Pick<AwsClients, 'autoScaling'>,
  group: string,
): Promise<ActivityStatus[]> {
  const { Activities = [] } = await autoScaling.send(
    // Those in progress come first, whenever they began (API reference, DescribeScalingActivities), so that more are
    // read than shown.
    new DescribeScalingActivitiesCommand({ AutoScalingGroupName: group, MaxRecords: 5 * shownMost }),
  )
  return Activities.toSorted((a, b) => startOf(b) - startOf(a))
    .slice(0, shownMost)
    .map((activity) => ({
      at: new Date(startOf(activity)).toISOString(),
      state: activity.StatusCode ?? 'unknown',
      text: shortened(activity),
    }))
}

function startOf({ StartTime }: Activity): number {
  return StartTime?.getTime() ?? 0
}

/**
 * AWS's own words: what it does and, of a failure, why it failed, else the first cause without its time:
 * `Launching a new EC2 instance: i-…; a user request update of AutoScalingGroup constraints to …`.
 */
export function shortened({ Description, Cause, StatusCode, StatusMessage }: Activity): string {
  const what = (Description ?? 'An activity without description').split('.  Status Reason:')[0] ?? ''
  const causes = (Cause ?? '').split(/\.\s+(?=At )/)
  const why =
    StatusCode === 'Failed' && StatusMessage ? StatusMessage : (causes[0] ?? '').replace(/^At \S+ /, '')
  const text = `${what}${why === '' ? '' : `; ${why}`}`.replaceAll(/\s+/g, ' ').replace(/\.$/, '')
  return text.length <= longestText ? text : `${text.slice(0, longestText - 1)}…`
}
