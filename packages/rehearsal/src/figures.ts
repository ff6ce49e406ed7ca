import type { Sighting } from './observer.ts'

/** One command's times against the floor of the same run, in milliseconds. */
export type Figures = {
  step: string
  /** Null for finish, which moves no traffic. */
  switched: Measured | null
  ended: Measured
  /** What the floor is made of. */
  floorIs: string
}
export type Measured = { ms: number; floorMs: number }

/** From the start of the command's process to its end, in the observer's milliseconds. */
export type Window = { from: number; to: number }
/** The group that serves after the command, and the other one. */
export type Groups = { serving: string; other: string }

export type Floor = {
  is: string
  measure(seen: readonly Sighting[], groups: Groups): { switched: number; ended: number }
}

const times = (seen: readonly Sighting[], group: string, what: Sighting['what'], state: string): number[] =>
  seen.filter((s) => s.group === group && s.what === what && s.state === state).map((s) => s.at)

/** 0 where either end was never seen. */
const span = (from: readonly number[], to: readonly number[]): number =>
  from.length === 0 || to.length === 0 ? 0 : Math.max(0, Math.max(...to) - Math.min(...from))

/** From the first instance on its way into the group to the last one healthy in the load balancer. */
const becomingHealthy = (seen: readonly Sighting[], group: string): number =>
  span(times(seen, group, 'lifecycle', 'Pending'), times(seen, group, 'health', 'healthy'))

const drain = (seen: readonly Sighting[], group: string): number =>
  span(times(seen, group, 'health', 'draining'), times(seen, group, 'health', 'unused'))

/**
 * What AWS, the machines and the load balancer took by themselves, coordinator apart: from the first launch seen to
 * the last new instance healthy, then as long as the old targets drained.
 */
export const deployFloor: Floor = {
  is: 'boot + health check; + drain',
  measure(seen, { serving, other }) {
    const ready = becomingHealthy(seen, serving)
    return { switched: ready, ended: ready + drain(seen, other) }
  },
}

/** From the first old instance leaving Standby to the last one healthy, then drain and termination of the new fleet. */
export const rollbackFloor: Floor = {
  is: 'health check; + drain and termination',
  measure(seen, { serving, other }) {
    const check = becomingHealthy(seen, serving)
    const leaving = span(times(seen, other, 'health', 'draining'), times(seen, other, 'lifecycle', 'gone'))
    return { switched: check, ended: check + leaving }
  },
}

/** From the first parked machine shutting down to the last one terminated. */
export const finishFloor: Floor = {
  is: 'termination',
  measure(seen, { other }) {
    const ended = span(
      times(seen, other, 'machine', 'shutting-down'),
      times(seen, other, 'machine', 'terminated'),
    )
    return { switched: 0, ended }
  },
}

/** Times of one command, read off what the observer saw while it ran: switched when the last old target stopped taking new requests. */
export function measure(
  step: string,
  all: readonly Sighting[],
  window: Window,
  groups: Groups,
  floor: Floor,
): Figures {
  const seen = all.filter((s) => s.at >= window.from && s.at <= window.to)
  const floors = floor.measure(seen, groups)
  const leaving = times(seen, groups.other, 'health', 'draining')
  return {
    step,
    switched:
      leaving.length === 0 ? null : { ms: Math.max(...leaving) - window.from, floorMs: floors.switched },
    ended: { ms: window.to - window.from, floorMs: floors.ended },
    floorIs: floor.is,
  }
}
