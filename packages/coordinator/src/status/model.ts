import type { Phase, Reason, Report } from '@switchover/contract/report'
import type { Deployment, Goal } from '@switchover/contract/deployment'
import type { MachineState } from '../decide/world.ts'
import type { RollbackReadiness } from './judge/rollback-readiness.ts'

export type Role = 'live' | 'parked' | 'kept' | 'idle' | 'canary' | 'serving too' | 'coming up' | 'going away'

/** What EC2 told a Spot instance. */
type Notices = Readonly<Pick<Report, 'interruption' | 'rebalanceRecommended'>>

export type InstanceStatus = Readonly<{
  id: string
  lifecycle: string
  /** Worst state over the attached target groups, null where it is registered with none. */
  loadBalancer: string | null
  /** EC2's state, asked for parked instances only: the group calls a dead one Healthy. */
  machine: MachineState | null
  /** What its agent said last; null where it never reported. */
  report:
    | (Readonly<{ phase: Phase; since: string; version: string | null; reason: Reason | null }> & Notices)
    | null
}>

export type GroupStatus = Readonly<{
  name: string
  role: Role
  version: string | null
  min: number
  max: number
  desired: number
  suspended: readonly string[]
  instances: readonly InstanceStatus[]
  /** The last few, newest first. */
  activities: readonly ActivityStatus[]
}>

export type ActivityStatus = Readonly<{
  /** When it began, ISO 8601. */
  at: string
  /** AWS's word: Successful, Failed, InProgress, … */
  state: string
  /** AWS's own sentence, shortened. */
  text: string
}>

export type DeploymentStatus = Readonly<{
  id: string
  version: string
  goal: Goal
  stage: Deployment['stage']
  /** ISO 8601. */
  startedAt: string
  failure: Reason | null
  /** When the bake, or the time before the finish, ends. ISO 8601; null while nothing is watched. */
  watchedUntil: string | null
}>

/** What `status` says, and the `details` of its result under `--json`. */
export type ServiceStatus = Readonly<{
  service: string
  store: string
  groups: readonly GroupStatus[]
  deployment: DeploymentStatus | null
  /** Null where no fleet is parked. */
  rollback: RollbackReadiness | null
  lease: Readonly<{ owner: string; expiresAt: string; expired: boolean }> | null
}>
