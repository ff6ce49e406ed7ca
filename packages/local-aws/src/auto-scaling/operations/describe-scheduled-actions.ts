import { integer, moment, text, texts } from '../../input.ts'
import { page } from '../../paging.ts'
import { AwsError, type Operation, type Output } from '../../wire/operation.ts'
import type { Group } from '../group.ts'
import type { Schedule } from '../schedules.ts'

const namesMax = 50

/** By group and by name, else by start time; pages of 50, at most 100 (API DescribeScheduledActions). */
export const describeScheduledActions: Operation = (cloud, input) => {
  const { autoScaling } = cloud
  const groupName = text(input, 'AutoScalingGroupName')
  const names = texts(input, 'ScheduledActionNames')
  if (names.length > namesMax)
    throw new AwsError(
      'ValidationError',
      `The number of scheduled action names that may be passed in is limited to ${namesMax}`,
    )
  const from = moment(input, 'StartTime') ?? -Infinity
  const to = moment(input, 'EndTime') ?? Infinity
  const groups = groupName ? [autoScaling.group(groupName)] : [...autoScaling.groups.values()]
  const found = groups.flatMap((group) =>
    [...group.schedules.values()]
      .filter(({ name, startAt }) =>
        names.length > 0 ? names.includes(name) : from <= startAt && startAt <= to,
      )
      .map((schedule) => output(group, schedule)),
  )
  const size = Math.min(100, integer(input, 'MaxRecords') ?? 50)
  const { items, next } = page(found, text(input, 'NextToken'), size)
  return { ScheduledUpdateGroupActions: items, NextToken: next }
}

/** Time is the old name of StartTime. */
function output(group: Group, { name, arn, startAt, endAt, recurrence, sizes }: Schedule): Output {
  return {
    AutoScalingGroupName: group.name,
    ScheduledActionName: name,
    ScheduledActionARN: arn,
    Time: new Date(startAt),
    StartTime: new Date(startAt),
    EndTime: endAt === null ? undefined : new Date(endAt),
    Recurrence: recurrence?.cron,
    TimeZone: recurrence?.timeZone ?? undefined,
    MinSize: sizes.min ?? undefined,
    MaxSize: sizes.max ?? undefined,
    DesiredCapacity: sizes.desired ?? undefined,
  }
}
