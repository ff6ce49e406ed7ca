import type { Cancel } from '../clock.ts'
import type { Activity } from './activities.ts'
import type { Policy } from './policies.ts'
import type { Schedule } from './schedules.ts'

/** Lifecycle states an instance can have here (Auto Scaling API reference, LifecycleState). */
export type Lifecycle =
  | 'Pending'
  | 'Pending:Wait'
  | 'Pending:Proceed'
  | 'InService'
  | 'EnteringStandby'
  | 'Standby'
  | 'Detaching'
  | 'Terminating'
  | 'Terminating:Wait'
  | 'Terminating:Proceed'
  | 'Warmed:Pending'
  | 'Warmed:Pending:Wait'
  | 'Warmed:Pending:Proceed'
  | 'Warmed:Running'

export const processNames = [
  'Launch',
  'Terminate',
  'AddToLoadBalancer',
  'AlarmNotification',
  'AZRebalance',
  'HealthCheck',
  'InstanceRefresh',
  'ReplaceUnhealthy',
  'ScheduledActions',
] as const
export type Process = (typeof processNames)[number]

export type Transition = 'autoscaling:EC2_INSTANCE_LAUNCHING' | 'autoscaling:EC2_INSTANCE_TERMINATING'

export type Hook = {
  readonly name: string
  readonly transition: Transition
  readonly heartbeatMs: number
  readonly defaultResult: HookResult
  readonly metadata: string | null
}
export type HookResult = 'CONTINUE' | 'ABANDON'

/** A lifecycle action that is waited for. */
export type Wait = {
  readonly hook: Hook
  readonly token: string
  /** No heartbeat reaches beyond: the lower of 48 hours and 100 heartbeats (UG lifecycle-hooks). */
  readonly limitAt: number
  cancel: Cancel
}

/** An instance of a group. */
export type Member = {
  readonly id: string
  readonly availabilityZone: string
  readonly subnetId: string
  readonly instanceType: string
  readonly template: Readonly<{ id: string; name: string; version: number }>
  lifecycle: Lifecycle
  /** Where it is heading, since when, and what its metadata said until then. */
  heading: Readonly<{ target: string; since: number; before: string | null }>
  healthy: boolean
  /** What an activity says of why it is unhealthy. */
  unhealthyCause: string | null
  protected: boolean
  /** Until then a load balancer's verdict does not count. */
  graceUntil: number
  readonly waits: Map<string, Wait>
  /** What is being done with it now. */
  activity: Activity | null
}

/** How far a traffic source is attached: ELB health counts only once it is InService (UG load-balancer-status). */
export type Attachment = 'Adding' | 'Added' | 'InService' | 'Removing'

export type Group = {
  readonly name: string
  readonly arn: string
  readonly createdAt: number
  template: Readonly<{ id: string; name: string; version: string }>
  min: number
  max: number
  desired: number
  cooldownS: number
  zones: readonly string[]
  subnets: readonly string[]
  healthCheckType: string
  graceS: number
  protectNew: boolean
  terminationPolicies: readonly string[]
  /** Process to the reason of its suspension. */
  readonly suspended: Map<Process, string>
  readonly tags: Map<string, { value: string; propagate: boolean }>
  /** Target groups by ARN and classic load balancers by name. */
  readonly trafficSources: Map<string, Attachment>
  readonly hooks: Map<string, Hook>
  readonly policies: Map<string, Policy>
  readonly schedules: Map<string, Schedule>
  readonly members: Map<string, Member>
  readonly activities: Activity[]
  /** What changed the desired capacity, told in the cause of what follows from it. */
  request: string | null
  /** Of the last change by a simple policy: when it was made, and how long to wait after its activities. */
  cooldown: Readonly<{ since: number; seconds: number }> | null
  /** A launch beyond desired is under way to balance the zones. */
  rebalancing: boolean
  /** Not before then is a launch tried again. */
  launchAfter: number
  /** Said once per desired capacity that cannot be reached. */
  protectedNoteFor: number | null
  deleting: boolean
}

/** Whether desired capacity counts it: InService and every kind of Pending (UG ec2-auto-scaling-lifecycle). */
export function isCounted(member: Member): boolean {
  return member.lifecycle === 'InService' || member.lifecycle.startsWith('Pending')
}

export function counted(group: Group): Member[] {
  return [...group.members.values()].filter(isCounted)
}

/** Whether the instance is in the warm pool, and so none of the group's own (UG ec2-auto-scaling-warm-pools). */
export function isWarm(lifecycle: Lifecycle): boolean {
  return lifecycle.startsWith('Warmed:')
}

/** The tags a launched instance gets (UG ec2-auto-scaling-tagging). */
export function launchTags(group: Group): Record<string, string> {
  const tags = [...group.tags]
    .filter(([, { propagate }]) => propagate)
    .map(([key, { value }]) => [key, value])
  return { ...Object.fromEntries(tags), 'aws:autoscaling:groupName': group.name }
}

/** What IMDS shows at autoscaling/target-lifecycle-state: where the instance is going, not where it is. */
export function targetState(lifecycle: Lifecycle): string {
  if (lifecycle === 'InService' || lifecycle.startsWith('Pending')) return 'InService'
  if (lifecycle === 'Detaching') return 'Detached'
  if (isWarm(lifecycle)) return 'Warmed:Running'
  return lifecycle.startsWith('Terminating') ? 'Terminated' : 'Standby'
}

/** `, shrinking the capacity from 4 to 3`: what a cause says of `by` more instances, nothing where `by` is 0. */
export function capacityChange(group: Group, by: number): string {
  const from = counted(group).length
  return by === 0 ? '' : `, ${by < 0 ? 'shrinking' : 'increasing'} the capacity from ${from} to ${from + by}`
}
