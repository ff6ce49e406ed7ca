import type { Cloud } from '../cloud.ts'
import { uuid } from '../ids.ts'
import { need } from '../input.ts'
import { AwsError, type Input } from '../wire/operation.ts'
import type { Group } from './group.ts'
import { readSchedule } from './schedule-settings.ts'
import { nextRun, sizesAfter, type Schedule } from './schedules.ts'

const perGroup = 125

/**
 * Creates or replaces one scheduled action of a group.
 * @throws {AwsError} ValidationError; AlreadyExists where another starts at the same time; LimitExceeded (Auto Scaling
 * user guide, ec2-auto-scaling-scheduled-scaling).
 */
export function putSchedule(cloud: Cloud, group: Group, input: Input): void {
  const name = need(input, 'ScheduledActionName')
  const read = readSchedule(input, cloud.clock.now())
  const before = group.schedules.get(name)
  const others = [...group.schedules.values()].filter((other) => other !== before)
  if (others.some(({ startAt }) => startAt === read.startAt))
    throw new AwsError('AlreadyExists', 'A scheduled action with this scheduled start time already exists')
  if (others.length >= perGroup)
    throw new AwsError(
      'LimitExceeded',
      `The number of scheduled actions is limited to ${perGroup} for each Auto Scaling group`,
    )
  before?.cancel()
  const { region, account, random } = cloud
  const arn =
    before?.arn ??
    `arn:aws:autoscaling:${region}:${account}:scheduledUpdateGroupAction:${uuid(random)}:autoScalingGroupName/${group.name}:scheduledActionName/${name}`
  plan(cloud, group, { name, arn, ...read })
}

/** @throws {AwsError} ValidationError where it is not there. */
export function dropSchedule(group: Group, name: string): void {
  const schedule = group.schedules.get(name)
  if (!schedule) throw new AwsError('ValidationError', 'Scheduled action name not found')
  schedule.cancel()
  group.schedules.delete(name)
}

function plan(cloud: Cloud, group: Group, action: Omit<Schedule, 'cancel'>): void {
  const delayMs = action.startAt - cloud.clock.now()
  const cancel = cloud.autoScaling.after(delayMs, () => run(cloud, group, action))
  group.schedules.set(action.name, { ...action, cancel })
}

/**
 * What is due while ScheduledActions is suspended is left out, not made up for; what has no run left is forgotten (Auto
 * Scaling user guide, as-suspend-resume-processes).
 */
function run(cloud: Cloud, group: Group, action: Omit<Schedule, 'cancel'>): void {
  const { recurrence, endAt } = action
  if (!group.suspended.has('ScheduledActions')) resize(cloud, group, action)
  const next = recurrence ? nextRun(recurrence, cloud.clock.now()) : null
  if (next === null || (endAt !== null && next > endAt)) group.schedules.delete(action.name)
  else plan(cloud, group, { ...action, startAt: next })
}

/** Sizes that do not fit the group's other bounds change nothing. */
function resize(cloud: Cloud, group: Group, { name, sizes }: Pick<Schedule, 'name' | 'sizes'>): void {
  const { min, max, desired } = sizesAfter(group, sizes)
  if (min > desired || desired > max) return
  const changes = [
    ['min size', group.min, min],
    ['max size', group.max, max],
    ['desired capacity', group.desired, desired],
  ] as const
  const told = changes
    .filter(([, from, to]) => from !== to)
    .map(([what, from, to]) => ` Setting ${what} from ${from} to ${to}.`)
  Object.assign(group, { min, max })
  cloud.autoScaling.setDesiredBecause(
    group,
    desired,
    `the scheduled action ${name} executed.${told.join('')}`,
  )
}
