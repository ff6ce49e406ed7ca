import type { ScheduledActionDefinition } from '@switchover/contract/scaling'
import { formatDuration } from '@switchover/contract/duration'
import type { Group } from './world.ts'

/**
 * Milliseconds before a scheduled action is due in which it is not moved any more. Put and deleted again are four calls,
 * a few seconds even where each is tried again; and cron counts in minutes, so that there is a moment between two runs.
 */
const windowMs = 30_000

/** Milliseconds by which Auto Scaling may run an action late (Auto Scaling user guide, ec2-auto-scaling-scheduled-scaling). */
const lateMs = 120_000

/** Milliseconds by which a start has to lie ahead to be sent: nearer ones may be past when AWS reads them. */
const aheadMs = 60_000

/** Whether an action never runs again: AWS would refuse it, and drops it by itself. */
export function isOver({ startsAt, endsAt, recurrence }: ScheduledActionDefinition, now: number): boolean {
  if (endsAt !== null && endsAt <= now) return true
  return recurrence === null && startsAt !== null && startsAt <= now
}

/** Whether an action runs within moments, or should have run moments ago and may not have. */
export function isDue({ startsAt }: ScheduledActionDefinition, group: Group, now: number): boolean {
  // Suspended actions are skipped, not run late (Auto Scaling user guide, as-suspend-resume-processes).
  if (startsAt === null || group.suspended.includes('ScheduledActions')) return false
  return startsAt - now <= windowMs && now < startsAt + lateMs
}

/** `in 12s`, `12s ago`: when an action was to run, for people. */
export function dueWords({ startsAt }: ScheduledActionDefinition, now: number): string {
  const left = (startsAt ?? now) - now
  return left > 0 ? `in ${formatDuration(left)}` : `${formatDuration(-left)} ago`
}

/** An action as it can be sent now: one that recurs begins by itself, and its next run may be past by then. */
export function sendable(action: ScheduledActionDefinition, now: number): ScheduledActionDefinition {
  const ahead = action.startsAt !== null && action.startsAt > now + aheadMs
  return action.recurrence === null || ahead ? action : { ...action, startsAt: null }
}
