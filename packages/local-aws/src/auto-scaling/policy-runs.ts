import type { Cloud } from '../cloud.ts'
import type { Alarm } from '../cloud-watch/alarm.ts'
import type { Group } from './group.ts'
import { adjusted, firstStep, stepFor, within, type Policy } from './policies.ts'

/**
 * What an alarm's action on a policy does. Ignored while AlarmNotification is suspended, the policy is disabled, or a
 * simple policy's cooldown is not over (Auto Scaling user guide, as-suspend-resume-processes, as-enable-disable-scaling-policy).
 */
export function alarmRan(cloud: Cloud, arn: string, alarm: Alarm): void {
  for (const group of cloud.autoScaling.groups.values())
    for (const policy of group.policies.values())
      if (policy.arn === arn) runByAlarm(cloud, group, policy, alarm)
}

/**
 * Alarms that are still in ALARM act on resume, and on a policy that is enabled again (Auto Scaling user guide,
 * as-suspend-resume-processes, as-enable-disable-scaling-policy).
 */
export function actOnRinging(cloud: Cloud, group: Group, only: Policy | null = null): void {
  for (const policy of only ? [only] : group.policies.values())
    for (const alarm of cloud.cloudWatch.alarms.values()) {
      const { actionsEnabled, actions } = alarm.settings
      if (alarm.state === 'ALARM' && actionsEnabled && actions.ALARM.includes(policy.arn))
        runByAlarm(cloud, group, policy, alarm)
    }
}

function runByAlarm(cloud: Cloud, group: Group, policy: Policy, alarm: Alarm): void {
  if (group.deleting || group.suspended.has('AlarmNotification') || !policy.enabled) return
  if (policy.settings.type === 'SimpleScaling' && isCooling(group, cloud.clock.now())) return
  const desired = desiredByAlarm(group, policy, alarm)
  if (desired === null) return
  const request = `a monitor alarm ${alarm.name} in state ${alarm.state} triggered policy ${policy.name}`
  changeDesired(cloud, group, policy, desired, request)
}

/** Sets what a policy asks for, and begins a simple one's cooldown where that is a change. */
export function changeDesired(
  cloud: Cloud,
  group: Group,
  { settings }: Policy,
  desired: number,
  request: string,
): void {
  if (settings.type === 'SimpleScaling' && desired !== group.desired)
    group.cooldown = { since: cloud.clock.now(), seconds: settings.cooldownS ?? group.cooldownS }
  cloud.autoScaling.setDesired(group, desired, request)
}

/** A cooldown begins when the activities of the change are over, and lasts from there (UG ec2-auto-scaling-scaling-cooldowns). */
export function isCooling({ cooldown, activities, desired, members }: Group, now: number): boolean {
  if (!cooldown) return false
  const since = activities.filter(({ startTime }) => startTime >= cooldown.since)
  if (since.some(({ endTime }) => endTime === null)) return true
  if (since.length === 0 && members.size !== desired) return true
  const end = Math.max(cooldown.since, ...since.map(({ endTime }) => endTime ?? 0))
  return now < end + cooldown.seconds * 1_000
}

/** Null where the policy has nothing to say to this alarm. */
function desiredByAlarm(group: Group, { settings }: Policy, alarm: Alarm): number | null {
  const measured = metricOf(alarm)
  switch (settings.type) {
    case 'SimpleScaling':
      return adjusted(settings.adjustment, settings.by, group)
    case 'StepScaling': {
      const step = measured
        ? stepFor(settings.steps, measured.value - measured.threshold)
        : firstStep(settings.steps, looksDown(alarm))
      return step ? adjusted(settings.adjustment, step.by, group) : null
    }
    case 'TargetTrackingScaling': {
      if (!measured) return within(group, group.desired + (looksDown(alarm) ? -1 : 1))
      const proportional = Math.ceil((group.desired * measured.value) / settings.target)
      return within(
        group,
        looksDown(alarm) ? Math.min(group.desired, proportional) : Math.max(group.desired, proportional),
      )
    }
    case 'PredictiveScaling':
      break
  }
  return null
}

function looksDown({ settings }: Alarm): boolean {
  const comparison = settings.definition['ComparisonOperator']
  return typeof comparison === 'string' && comparison.startsWith('Less')
}

/**
 * The metric an alarm rang for: the last of `recentDatapoints` in its StateReasonData, which CloudWatch writes so. Null
 * where it was set by hand without one; a step policy then takes its first step and target tracking moves by one.
 */
function metricOf({ reasonData, settings }: Alarm): { value: number; threshold: number } | null {
  const threshold = settings.definition['Threshold']
  if (reasonData === null || typeof threshold !== 'number') return null
  const data = JSON.parse(reasonData) as { recentDatapoints?: unknown } | null
  const value: unknown = Array.isArray(data?.recentDatapoints) ? data.recentDatapoints.at(-1) : undefined
  return typeof value === 'number' ? { value, threshold } : null
}
