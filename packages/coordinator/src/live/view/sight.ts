import type { Predicted } from '@switchover/contract/deployment'
import type { Phase, PullProgress } from '@switchover/contract/report'
import type { WaitEnd } from '../../decide/wait-end.ts'
import type { Role } from '../../status/model.ts'

/** What one look found, as far as the live view tells it. Times in milliseconds since the epoch, by the store's clock. */
export type Sight = Readonly<{
  service: string
  /** `deploying v2`. */
  what: string
  begunAt: number | null
  switchedAt: number | null
  predicted: Predicted | null
  /** Why it goes back, a sentence. */
  failure: string | null
  groups: readonly GroupSight[]
  doing: Doing | null
  /** Who holds the lease, and what is to be done where nobody does; null where it is this process. */
  holder: string | null
  /** When it was looked. */
  now: number
}>

/** A sentence, what is waited for or the step that is being taken; and when the wait ends, where that is known. */
export type Doing = Readonly<{ text: string; until: WaitEnd | null }>

export type GroupSight = Readonly<{
  name: string
  role: Role
  version: string | null
  min: number
  max: number
  desired: number
  /** Instances that count already, of those that have to; null where nobody waits for any. */
  ready: Readonly<{ count: number; of: number }> | null
  instances: readonly InstanceSight[]
}>

export type InstanceSight = Readonly<{
  id: string
  /** AWS's word. */
  lifecycle: string
  /** Its group takes it for unhealthy, and will replace it. */
  unhealthy: boolean
  /** The worst state over all load balancers, `in` the one that has it where there are several; null: not registered. */
  balancer: Readonly<{ state: string; reason: string | null; in: string | null }> | null
  /** Null where its agent is not asked. */
  agent: AgentSight | null
  /** EC2's state of a parked one that is not running. */
  machine: string | null
}>

export type AgentSight = Readonly<{
  /** Null: it did not report yet. */
  phase: Phase | null
  since: number | null
  /** When it said all this. */
  saidAt: number | null
  trouble: Readonly<{ sentence: string; terminal: boolean }> | null
  progress: PullProgress | null
}>
