import type { DeploymentRecord } from '@switchover/contract/deployment'
import type { Sent } from '../coordinator.ts'
import type { Interference } from '../interference.ts'
import type { Plan } from '../plan.ts'
import type { Scene } from '../scene.ts'
import type { InstanceTruth, ServiceTruth } from '../truth.ts'

/** All instances at one moment, and at the moment before. */
export type Moment = Readonly<{
  at: number
  before: ReadonlyMap<string, InstanceTruth>
  now: ReadonlyMap<string, InstanceTruth>
}>

/** The service once nobody works on it any more. */
export type Rest = Readonly<{
  before: ServiceTruth
  now: ServiceTruth
  record: DeploymentRecord
  /** How the last deployment ended; null while it is open. */
  ended: 'finished' | 'rolled-back' | 'failed' | null
  /** The last deployment was the first of the service. */
  first: boolean
  instances: ReadonlyMap<string, InstanceTruth>
}>

/** What a rule may know of its world. */
export type Subject = Readonly<{ plan: Plan; scene: Scene; interference: Interference }>

/** One of the rules that must always hold. Each answer is a sentence about its breach, or null. */
export type Rule = Readonly<{
  name: string
  /** Asked whenever instances have changed. */
  look?: (moment: Moment) => string | null
  /** Asked about every changing call of a coordinator, before it takes effect. */
  sent?: (sent: Sent) => string | null
  /** Asked whenever the service has come to rest. */
  rest?: (rest: Rest) => string | null
}>
