import { integer, text, texts } from '../../input.ts'
import { page } from '../../paging.ts'
import { AwsError, type Operation } from '../../wire/operation.ts'
import { inListOrder } from '../activities.ts'
import { activityOutput } from '../outputs.ts'

/** Ids that are not known are left out silently; pages of at most 100. */
export const describeScalingActivities: Operation = (cloud, input) => {
  const ids = texts(input, 'ActivityIds')
  if (ids.length > 50)
    throw new AwsError('ValidationError', 'The number of activity ids that may be passed in is limited to 50')
  const all = cloud.autoScaling.activities(text(input, 'AutoScalingGroupName') ?? null)
  const groups = new Map(all.map(({ group, activity }) => [activity, group]))
  const found = inListOrder(all.map(({ activity }) => activity)).filter(
    (activity) => ids.length === 0 || ids.includes(activity.id),
  )
  const size = Math.min(100, integer(input, 'MaxRecords') ?? 100)
  const { items, next } = page(found, text(input, 'NextToken'), size)
  const outputs = items.flatMap((activity) => {
    const group = groups.get(activity)
    return group ? [activityOutput(group, activity)] : []
  })
  return { Activities: outputs, NextToken: next }
}
