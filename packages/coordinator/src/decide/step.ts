import type { GroupBefore } from '@switchover/contract/deployment'
import type { Reason } from '@switchover/contract/report'
import type {
  AlarmDefinition,
  PolicyDefinition,
  ScalingDefinitions,
  ScheduledActionDefinition,
} from '@switchover/contract/scaling'

/** At most this many ids in one EnterStandby, ExitStandby or DetachInstances call: both readings of AWS's limit hold. */
export const batchSize = 19

/**
 * Steps that move instances out of Standby are several such calls: what is in Standby serves nobody, so that no look is
 * needed between them.
 */
export const fromStandbySize = 5 * batchSize

/** EC2 ends up to 1000 machines in one call; one that may not be ended fails a whole call. */
export const terminateSize = 200

/** `source`: id of a traffic source; `instances`: those of its targets that are meant. */
export type Registered = Readonly<{ source: string; instances: readonly string[] }>

type GroupName = { group: string }
type Instances = { instances: readonly string[] }

/**
 * One thing to do next. Closed: `act` has exactly one executor per kind.
 * Steps that change AWS are journalled before they are sent.
 */
export type Step = {
  why: string
  /** What a person has to hear of besides. */
  warning?: string
} &
  /**
   * `until`: when it ends, where that is known; milliseconds since the epoch, by the store's clock. `schedule`: the name of
   * the scheduled action it is about.
   */
  (
    | {
        kind: 'wait'
        waitingFor: string
        instances: readonly string[]
        until?: number
        schedule?: string
      }
    | ({ kind: 'tag'; set: Readonly<Record<string, string>>; remove: readonly string[] } & GroupName)
    /** `instead`: what another hand has set and this replaces for as long as sizes have to be held. */
    | ({
        kind: 'size'
        min?: number
        max?: number
        desired?: number
        instead?: Readonly<{ min?: number; max?: number }>
      } & GroupName)
    | ({ kind: 'suspend'; processes: readonly string[] } & GroupName)
    | ({ kind: 'resume'; processes: readonly string[] } & GroupName)
    | ({ kind: 'enter-standby' } & GroupName & Instances)
    | ({ kind: 'exit-standby' } & GroupName & Instances)
    | ({ kind: 'unprotect' } & GroupName & Instances)
    /** Out of the load balancer at once. Only where Auto Scaling is about to end the instances anyway. */
    | ({ kind: 'deregister'; from: readonly Registered[] } & GroupName)
    | ({ kind: 'complete-hook'; hook: string; instance: string; result: 'CONTINUE' | 'ABANDON' } & GroupName)
    | ({ kind: 'detach' } & GroupName & Instances)
    | ({ kind: 'terminate' } & Instances)
    /** Creates or replaces. `group`: whose it becomes; an alarm calls policies of that group from then on. */
    | ({ kind: 'put-policy'; policy: PolicyDefinition } & GroupName)
    | ({ kind: 'put-alarm'; alarm: AlarmDefinition } & GroupName)
    | ({ kind: 'put-actions'; actions: readonly ScheduledActionDefinition[] } & GroupName)
    | ({ kind: 'delete-policy'; policy: string } & GroupName)
    | ({ kind: 'delete-actions'; actions: readonly string[] } & GroupName)
    /** Record only. */
    | { kind: 'note-scaling'; old: ScalingDefinitions; new: ScalingDefinitions }
    | { kind: 'require'; required: number }
    | { kind: 'mark-switched' }
    | { kind: 'mark-covered'; covered: boolean }
    | { kind: 'mark-bake' }
    | { kind: 'mark-short'; short: boolean }
    | { kind: 'turn-back'; failure: Reason }
    /** From canary to deploy. `live`: the live group as it is now, before anything of it is changed. */
    | { kind: 'promote'; live: GroupBefore }
    /** From deploy to finish. */
    | { kind: 'begin-finish' }
    /** Ends the command; the deployment stays open in the record. */
    | { kind: 'settle'; stage: 'parked' | 'canary' }
    /** `ended`: instances whose reports are deleted. */
    | { kind: 'settle'; stage: 'kept'; kept: readonly string[]; ended: readonly string[] }
    | { kind: 'settle'; stage: 'held'; failure: Reason }
    /** Ends the deployment: history written, reports of `ended` instances deleted, record emptied. */
    | {
        kind: 'end'
        outcome: 'rolled-back' | 'finished' | 'failed'
        ended: readonly string[]
        kept: readonly KeptValue[]
      }
  )

/** Scheduled actions in one call (Auto Scaling user guide, ec2-auto-scaling-quotas). */
export const actionsPerCall = 50

export type StepKind = Step['kind']
export type StepOf<K extends StepKind> = Extract<Step, { kind: K }>

/** A field left as another hand set it, or as the service has grown: warned about and journalled. */
export type KeptValue = Readonly<{ group: string; field: string; value: string; original: string }>
