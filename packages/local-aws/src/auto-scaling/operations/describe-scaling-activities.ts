import { integer, rows, text, texts } from '../../input.ts'
import { page } from '../../paging.ts'
import { AwsError, type Input, type Operation } from '../../wire/operation.ts'
import { inListOrder, type Activity } from '../activities.ts'
import { activityOutput } from '../outputs.ts'

/** Ids that are not known are left out silently; pages of at most 100. */
export const describeScalingActivities: Operation = (cloud, input) => {
  const ids = texts(input, 'ActivityIds')
  if (ids.length > 50)
    throw new AwsError('ValidationError', 'The number of activity ids that may be passed in is limited to 50')
  const groupName = text(input, 'AutoScalingGroupName')
  const all = cloud.autoScaling.activities(groupName ?? null)
  const filters = rows(input, 'Filters')
  if (!groupName && filters.some((filter) => text(filter, 'Name') === 'Status'))
    throw new AwsError('ValidationError', 'The filter Status needs the name of an Auto Scaling group')
  const groups = new Map(all.map(({ group, activity }) => [activity, group]))
  const found = inListOrder(all.map(({ activity }) => activity)).filter(
    (activity) =>
      (ids.length === 0 || ids.includes(activity.id)) && filters.every((filter) => passes(activity, filter)),
  )
  const size = Math.min(100, integer(input, 'MaxRecords') ?? 100)
  const { items, next } = page(found, text(input, 'NextToken'), size)
  const outputs = items.flatMap((activity) => {
    const group = groups.get(activity)
    return group ? [activityOutput(group, activity)] : []
  })
  return { Activities: outputs, NextToken: next }
}

/** Filters are bounds of the start time and the status (API DescribeScalingActivities). */
function passes(activity: Activity, filter: Input): boolean {
  const name = text(filter, 'Name') ?? ''
  const values = texts(filter, 'Values')
  if (name === 'Status') return values.includes(activity.status)
  const bound = Date.parse(values[0] ?? '')
  if (name === 'StartTimeLowerBound') return activity.startTime >= bound
  if (name === 'StartTimeUpperBound') return activity.startTime <= bound
  throw new AwsError('ValidationError', `Filter type ${name} is not correct.`)
}
