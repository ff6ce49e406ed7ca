import { findPair, type Pair } from '../aws/groups.ts'
import { refusalOf } from '../aws/errors.ts'
import { goesForward, type Deployment } from '@switchover/contract/deployment'
import { turnTo } from '../decide/start.ts'
import { Refusal, type ResultEvent } from '../events.ts'
import { HeldLease, lockedBy, stands } from '../record/lease.ts'
import { openRecordStore, type RecordStore, type Stored } from '../record/store.ts'
import { runToEnd } from '../run/loop.ts'
import type { Ports } from '../run/ports.ts'
import type { CommonOptions } from './options.ts'

/** A service found by its tags, and its record as just read. */
export type OpenService = Readonly<{ pair: Pair; store: RecordStore; stored: Stored }>

/**
 * Finds the service and reads its record. Changes nothing, needs no lease.
 * @throws {Refusal} (2) no such service or store, credentials refused · (4) the record cannot be read.
 */
export async function openService(
  ports: Pick<Ports, 'clients' | 'clock' | 'random'>,
  service: string,
): Promise<OpenService> {
  const pair = await findPair(ports.clients, service)
  const store = openRecordStore(ports, pair.store, service)
  return { pair, store, stored: await store.read() }
}

/** Runs a command; an error of AWS becomes the sentence it deserves. */
export async function explained<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw refusalOf(error, doing) ?? error
  }
}

/** @throws {Refusal} (3) while somebody's lease stands. */
export function refuseIfLocked({ store, stored }: OpenService, service: string): void {
  const lease = stored.record?.lease
  const now = store.clock.now()
  if (stands(lease, now)) throw lockedBy(service, lease, now)
}

/**
 * Takes the lease with `deployment` in one write, and brings it to rest.
 * @throws {Refusal} (130) interrupted before it began · and what the run itself throws.
 */
export async function takeAndRun(
  ports: Ports,
  { store, stored }: OpenService,
  { service, leaseMs }: CommonOptions,
  deployment: Deployment,
): Promise<ResultEvent> {
  if (ports.interrupt.aborted)
    throw new Refusal(130, 'interrupted', 'Interrupted before anything was changed.')
  const holding = { store, clock: ports.clock, owner: ports.owner, leaseMs, service }
  const lease = await HeldLease.acquire(holding, stored, deployment)
  return runToEnd({ ports, service, store, lease })
}

/** The deployment as it goes on towards its own goal, whether it was held or interrupted. */
export function goingOn(deployment: Deployment, now: number): Deployment {
  return turnTo(deployment, deployment.goal, now)
}

/** An interrupted or held deployment stands in the way of another command. */
export function inTheWay({ service, version, goal, stage }: Deployment): Refusal {
  if (stage === 'canary')
    return new Refusal(
      4,
      'held',
      `${version} runs on ${service} as a canary, which has to be promoted or rolled back first.`,
      `switchover promote ${service}, or switchover rollback ${service}`,
    )
  if (stage === 'kept')
    return new Refusal(
      4,
      'held',
      `${version} was rolled back on ${service}, and instances of it are kept for a post-mortem: finish that first.`,
      `switchover finish ${service}`,
    )
  const resume = `switchover resume ${service}`
  const back = goesForward(goal) ? `, or switchover rollback ${service}` : ''
  const how = stage === 'held' ? 'is held' : 'was interrupted'
  return new Refusal(
    4,
    'held',
    `The ${goal} of ${version} on ${service} ${how} and has to be brought to its end first.`,
    resume + back,
  )
}
