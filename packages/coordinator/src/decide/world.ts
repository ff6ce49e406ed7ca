import type { Report } from '@switchover/contract/report'
import type { Deployment } from '@switchover/contract/deployment'
import type {
  AlarmDefinition,
  PolicyDefinition,
  ScheduledActionDefinition,
} from '@switchover/contract/scaling'

/** Everything a decision may know, read afresh each turn. Nothing is remembered between turns except in AWS. */
export type World = Readonly<{
  /** Milliseconds since the epoch, by the store's clock. */
  now: number
  deployment: Deployment
  old: Group
  new: Group
  /** The target groups and classic load balancers both groups are attached to, at least one. */
  trafficSources: readonly TrafficSource[]
  /** Newest valid report by instance id. */
  reports: ReadonlyMap<string, Report>
  /** EC2's view of every instance in Standby, of either group, and of every id in `deployment.ending`. */
  machines: ReadonlyMap<string, MachineState>
  /**
   * The deployment's alarms by name, read while it goes forward; one that CloudWatch gave no answer about is absent.
   */
  alarms: ReadonlyMap<string, Alarm>
  /**
   * Policies, alarms and scheduled actions of both groups, read on entering a phase and again before a step that relies on
   * them; null where the deployment leaves them alone.
   */
  scaling: Readonly<{ old: GroupScaling; new: GroupScaling }> | null
  /** Launches of the new group that failed since the deployment began, oldest first. */
  launchFailures: readonly LaunchFailure[]
  /** Instances of the new group whose termination began since the deployment did, scale-in apart, oldest first. */
  replacements: readonly Replacement[]
}>

export type Group = Readonly<{
  name: string
  min: number
  max: number
  desired: number
  /** Names of suspended processes. */
  suspended: readonly string[]
  tags: Readonly<Record<string, string>>
  instances: readonly Instance[]
  /** Names of lifecycle hooks by transition. */
  hooks: Readonly<{ launching: readonly string[]; terminating: readonly string[] }>
}>

export type Instance = Readonly<{
  id: string
  /** AWS's lifecycle state; unknown future values are possible. */
  lifecycle: string
  healthy: boolean
  protected: boolean
  /** Availability zone; absent where a model has none. */
  zone?: string
}>

/**
 * What a group is attached to, as Auto Scaling names it. The states of a classic load balancer are told in the words of
 * target groups: healthy, unhealthy, initial, draining, unused, unavailable. Only `healthy` takes new traffic, whatever
 * other state there is or will be.
 */
export type TrafficSource = Readonly<{
  /** ARN of a target group, name of a classic load balancer. */
  id: string
  name: string
  /** Milliseconds. */
  deregistrationDelay: number
  slowStart: number
  /** By instance id; an instance that is not registered is absent or 'unused'. */
  health: ReadonlyMap<string, TargetHealth>
}>

/** Of a traffic source, what matters for how long things take. Milliseconds. */
export type TrafficTimings = Pick<TrafficSource, 'deregistrationDelay' | 'slowStart'>

export type TargetHealth = Readonly<{ state: string; reason: string | null }>

/** `missing`: EC2 does not know the id any more. */
export type MachineState =
  | 'pending'
  | 'running'
  | 'shutting-down'
  | 'terminated'
  | 'stopping'
  | 'stopped'
  | 'missing'

export type Alarm = Readonly<{
  /** OK, ALARM or INSUFFICIENT_DATA. */
  state: string
  /** AWS's own sentence. */
  reason: string
}>

export type LaunchFailure = Readonly<{
  at: number
  /** AWS's own sentence. */
  sentence: string
  /** permanent: configuration, quota, authorisation, AMI. capacity: may heal. */
  kind: 'permanent' | 'capacity'
}>

export type Replacement = Readonly<{
  at: number
  instance: string
  /** AWS's own sentence: the cause of the activity. */
  cause: string
}>

export type GroupScaling = Readonly<{
  policies: readonly Policy[]
  /** The alarms that call simple and step policies of the group; not those that target tracking keeps for itself. */
  alarms: readonly AlarmDefinition[]
  actions: readonly ScheduledActionDefinition[]
}>

export type Policy = PolicyDefinition & Readonly<{ arn: string }>
