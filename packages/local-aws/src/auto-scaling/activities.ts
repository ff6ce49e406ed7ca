import { uuid } from '../ids.ts'
import type { Group, Member } from './group.ts'

export type ActivityStatus =
  | 'PreInService'
  | 'InProgress'
  | 'MidLifecycleAction'
  | 'WaitingForELBConnectionDraining'
  | 'Successful'
  | 'Failed'
  | 'Cancelled'

/** A scaling activity as DescribeScalingActivities tells it. Times in milliseconds since the epoch. */
export type Activity = {
  readonly id: string
  readonly instanceId: string | null
  description: string
  readonly cause: string
  readonly startTime: number
  readonly details: string
  endTime: number | null
  status: ActivityStatus
  statusMessage: string | null
  /** 0 to 100. */
  progress: number
}

const sixWeeksMs = 42 * 24 * 3_600_000

/** A moment as causes write it: `2025-06-21T03:14:15Z`. */
export function causeTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}

export function startActivity(
  group: Group,
  subject:
    | Pick<Member, 'id' | 'subnetId' | 'availabilityZone'>
    | { id: null; subnetId: string; availabilityZone: string },
  what: { description: string; cause: string; status: ActivityStatus; progress: number },
  world: { now: number; random: () => number },
): Activity {
  const activity: Activity = {
    id: uuid(world.random),
    instanceId: subject.id,
    description: what.description,
    cause: what.cause,
    startTime: world.now,
    details: JSON.stringify({
      'Subnet ID': subject.subnetId,
      'Availability Zone': subject.availabilityZone,
    }),
    endTime: null,
    status: what.status,
    statusMessage: null,
    progress: what.progress,
  }
  group.activities.push(activity)
  // History is kept for six weeks (API DescribeScalingActivities).
  while ((group.activities[0]?.startTime ?? world.now) < world.now - sixWeeksMs) group.activities.shift()
  return activity
}

export function endActivity(
  activity: Activity | null,
  now: number,
  status: 'Successful' | 'Failed' | 'Cancelled' = 'Successful',
  message: string | null = null,
): void {
  if (!activity || activity.endTime !== null) return
  activity.endTime = now
  activity.status = status
  activity.statusMessage = message
  if (message !== null) activity.description += `.  Status Reason: ${message}`
  activity.progress = 100
}

/** In progress first, then the newest (API DescribeScalingActivities). */
export function inListOrder(activities: readonly Activity[]): Activity[] {
  const running = (activity: Activity) => (activity.endTime === null ? 0 : 1)
  return activities.toReversed().toSorted((a, b) => running(a) - running(b) || b.startTime - a.startTime)
}
