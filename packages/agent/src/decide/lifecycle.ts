/** When the machine was parked, null where it is not. */
export type Parking = { since: number | null }

export type Ending = {
  kind: 'terminated' | 'shutdown'
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

/**
 * Milliseconds an ending machine must leave its app running: none where no request can be under way, because it never
 * was ready or was parked at least that long ago.
 */
export function drainTime(drainMs: number, parking: Parking, everReady: boolean, now: number): number {
  if (!everReady) return 0
  return parking.since === null ? drainMs : Math.max(0, drainMs - (now - parking.since))
}
