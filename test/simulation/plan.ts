import type { SourceKind } from '../../packages/coordinator/test/support/load-balancers.ts'

export const groupNames = ['web-blue', 'web-green'] as const
export type GroupName = (typeof groupNames)[number]

export const zones = ['us-east-1a', 'us-east-1b'] as const

/** Processes that people suspend, and deployments too. */
export const scalingProcesses = ['AlarmNotification', 'ScheduledActions', 'AZRebalance'] as const

/**
 * Everything that makes up one simulated world, as plain data: printed, it can be run again, and cut down. Times are
 * milliseconds unless a name says seconds.
 */
export type Plan = Readonly<{
  /** What the world's own latencies are drawn from. */
  seed: number
  service: ServicePlan
  /** What one person gives, one command after the other. */
  story: readonly CommandPlan[]
  /** Who resumes an interrupted command, one after the other; the rest is spared. */
  heirs: readonly Heir[]
  /** Commands of somebody else, beside the story. */
  others: readonly (CommandPlan & Timed)[]
  /** What people do to the groups by hand. */
  hands: readonly Hand[]
  /** What befalls the service. */
  events: readonly WorldEvent[]
  /** What befalls calls, by their number among all calls of all coordinators. */
  faults: readonly Fault[]
}>

/** So long after the first command, or right before the nth call of all coordinators takes effect. */
export type When = Readonly<{ ms: number } | { call: number }>
type Timed = Readonly<{ when: When }>

export type ServicePlan = Readonly<{
  live: number
  /** Both groups are empty, and the first deployment brings up `live` instances. */
  first: boolean
  /** A published bundle says which image is deployed; else `--image` does. */
  bundle: boolean
  /** Of the live group; the idle group has min 0. */
  min: number
  max: number
  idleMax: number
  sources: readonly SourceKind[]
  healthIntervalS: number
  healthyThreshold: number
  unhealthyThreshold: number
  drainS: number
  slowStartS: number
  healthCheckType: 'EC2' | 'ELB'
  graceS: number
  /** move: live owns policies, an alarm and schedules; twins: both groups own the same policy, and idle is kept from acting. */
  scaling: 'none' | 'move' | 'twins'
  launchHook: boolean
  terminationHook: boolean
  protectedFromScaleIn: boolean
  /** Processes that the operator keeps suspended. */
  suspendedLive: readonly string[]
  suspendedIdle: readonly string[]
  timing: Readonly<{ reactMs: number; tagLagMs: number; exitStandbyMs: number; stateMs: number }>
  boot: Readonly<{ launchMs: number; bootMs: number; pullMs: number; appMs: number; drainMs: number }>
  /** Of every coordinator: between looks, and how long its lease is. */
  pollMs: number
  leaseMs: number
  /** So far the clock of every other coordinator's machine is ahead, or behind. */
  skewMs: number
  /** How instances of the versions deployed behave; v3 is a good one. */
  v2: 'good' | 'fails' | 'never-healthy' | 'dies'
}>

export type CommandPlan = Readonly<{
  command:
    | Readonly<{ kind: 'deploy'; version: 'v2' | 'v3'; flags: FlagsPlan }>
    | Readonly<{ kind: 'rollback'; keep: number; floor: number }>
    | Readonly<{ kind: 'finish' }>
    | Readonly<{ kind: 'promote' }>
    | Readonly<{ kind: 'resume'; takeOver: boolean }>
    | Readonly<{ kind: 'doctor'; fix: boolean }>
  /** Whether an interrupted command is resumed to its end before the next one is given. */
  resumed: boolean
  fate: Fate
}>

export type FlagsPlan = Readonly<{
  canary: number | null
  bakeS: number | null
  /** Whether an alarm is watched. */
  alarm: boolean
  finishAfterS: number | null
  onFailure: 'rollback' | 'hold'
  readiness: 'agent' | 'load-balancer'
  release: 'each' | 'together'
  desired: number | null
  timeoutS: number
  finishPrevious: boolean
  /** False: `--no-digest`. */
  digest: boolean
}>

/** What befalls the process of one command. */
export type Fate = Readonly<{
  /** Dies at its nth call, before or after it took effect. */
  killed: Readonly<{ call: number; when: 'before' | 'after' }> | null
  /** Stands still from its nth call, as under SIGSTOP. */
  pauses: readonly Readonly<{ call: number; ms: number }>[]
  /** Gets a SIGTERM so long after it began. */
  stoppedAfter: number | null
}>

/** What befalls whoever resumes, and whether they wait for the lease of a process that they know is dead. */
export type Heir = Fate & Readonly<{ takeOver: boolean }>

/** Done to one instance, the `pick`th of those it can be done to, counted around. */
type Picked<K extends string> = Readonly<{ kind: K; group: GroupName; pick: number }>

export type Hand = Timed &
  (
    | Readonly<{ kind: 'scale'; group: GroupName; by: number }>
    | Readonly<{ kind: 'size'; group: GroupName; min: number; max: number; desired: number }>
    | Readonly<{ kind: 'suspend'; group: GroupName; process: string }>
    | Readonly<{ kind: 'resume'; group: GroupName; process: string }>
    | Readonly<{ kind: 'retag'; group: GroupName }>
    | Picked<'terminate'>
    | Picked<'detach'>
    | Picked<'standby'>
    | Picked<'return'>
    | Picked<'protect'>
    /** Puts a policy of their own, or removes one that a deployment moves. */
    | Readonly<{ kind: 'put-policy' | 'delete-policy'; group: GroupName }>
    | Readonly<{ kind: 'schedule'; group: GroupName; inMs: number; min: number; desired: number }>
    /** Sets off the alarm of the policies, or the one that a deployment watches. */
    | Readonly<{ kind: 'ring'; alarm: 'busy' | 'errors' }>
  )

export type WorldEvent = Timed &
  /** spot: EC2 takes it back, two minutes after it said so. */
  (
    | Readonly<{ kind: 'dies' | 'hangs' | 'spot'; group: GroupName; pick: number; parked: boolean }>
    | Readonly<{ kind: 'zone-lost'; zone: (typeof zones)[number]; forMs: number }>
    | Readonly<{ kind: 'no-launch'; forMs: number; because: 'capacity' | 'quota' }>
  )

export const faultKinds = [
  'throttle',
  'error',
  'contention',
  'lost-before',
  'lost-after',
  'twice',
  'delay',
  'late',
  'stale',
  's3-conflict',
] as const
export type FaultKind = (typeof faultKinds)[number]

export type Fault = Readonly<{ call: number; times: number; kind: FaultKind; ms: number }>
