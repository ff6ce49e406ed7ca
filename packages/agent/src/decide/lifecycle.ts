import type { Settings } from '@switchover/contract/compose'

/** EC2 takes this Spot instance back: what it will do (`terminate`, `stop`, `hibernate`), and when. */
export type Interruption = {
  action: string
  /** As EC2 wrote it. */
  time: string
  /** The moment of the agent's clock that was when the notice was first read. */
  at: number
}

/** What lies between the end of the drain and the moment EC2 acts. */
const spareMs = 10_000
/** A machine that still runs so long after its moment was not taken. */
const outlivedMs = 300_000

/** When the machine was parked, null where it is not. */
export type Parking = { since: number | null }

export type Ending = {
  kind: 'terminated' | 'pooled' | 'interrupted' | 'shutdown'
  since: number
  /** How long requests may still be under way, from `since` on. */
  drainMs: number
  /** Whether the app was stopped. */
  stopped: boolean
  /** Whether the termination hook needs nothing more from us. */
  released: boolean
}

/**
 * What a target lifecycle state means for being parked. Detached follows Standby when the fleet is finished, and
 * brings no traffic back; an absent state says nothing.
 */
export function nextParking(parking: Parking, target: string | null, now: number): Parking {
  if (target === 'Standby') return parking.since === null ? { since: now } : parking
  if (target === 'InService') return { since: null }
  return parking
}

/** Whether a target lifecycle state is the end of the instance. */
export function isEnd(target: string | null): boolean {
  return target === 'Terminated' || target === 'Warmed:Terminated'
}

/** Whether the warm pool is where the instance is or goes (`Warmed:Stopped`, …); an absent state says nothing. */
export function nextWarm(warm: boolean, target: string | null): boolean {
  if (target === null || isEnd(target)) return warm
  return target.startsWith('Warmed:')
}

/**
 * Milliseconds an ending machine must leave its app running: none where no request can be under way, because it never
 * was ready or was parked at least that long ago.
 */
export function drainTime(drainMs: number, parking: Parking, everReady: boolean, now: number): number {
  if (!everReady) return 0
  if (parking.since === null) return drainMs
  // A clock that was wrong may have put the parking into the future.
  return Math.max(0, drainMs - Math.max(0, now - parking.since))
}

/**
 * The notice that counts from now on.
 * @param answer what the metadata service says now, null where it has no notice: EC2 may take one back until it acts
 */
export function nextInterruption(
  known: Interruption | null,
  answer: Interruption | null,
  ending: Ending | null,
  now: number,
): Interruption | null {
  const stands = (notice: Interruption) => now < notice.at + outlivedMs
  const same = answer?.time === known?.time && answer?.action === known?.action
  const said = same ? known : answer
  if (said !== null && stands(said)) return said
  // What it began is not broken off half-way.
  return known !== null && ending?.kind === 'interrupted' && stands(known) ? known : null
}

/**
 * When an announced interruption ends readiness: early enough for the load balancer to see it, for requests under way
 * to be answered, and for the app to stop.
 */
export function withdrawalAt(
  interruption: Interruption,
  { drain, checks }: Pick<Settings, 'drain' | 'checks'>,
): number {
  return interruption.at - (drain + checks.threshold * checks.interval + spareMs)
}

/** What the time an ending machine has left depends on. */
export type EndingFacts = {
  plan: { settings: Pick<Settings, 'drain'> } | null
  parking: Parking
  everReady: boolean
  interruption: Interruption | null
}

/** The ending that `kind` begins, or the one under way: of those the first counts. */
export function nextEnding(
  ending: Ending | null,
  kind: Ending['kind'],
  facts: EndingFacts,
  now: number,
): Ending {
  if (ending === null) {
    return { kind, since: now, drainMs: timeToServe(kind, facts, now), stopped: false, released: false }
  }
  // What EC2 interrupts, or what was to rest in the warm pool, Auto Scaling ends: it waits for what is under way.
  const taken = kind === 'terminated' && (ending.kind === 'interrupted' || ending.kind === 'pooled')
  return taken ? { ...ending, kind, released: false } : ending
}

function timeToServe(kind: Ending['kind'], facts: EndingFacts, now: number): number {
  const { plan, parking, everReady, interruption } = facts
  if (kind !== 'interrupted' || interruption === null)
    return drainTime(plan?.settings.drain ?? 0, parking, everReady, now)
  return everReady ? Math.max(0, interruption.at - spareMs - now) : 0
}
