import type { Sighting } from './watch.ts'

/** The group that serves after the command, and the other one. */
export type Groups = { serving: string; other: string }

/** When a command's process began and ended; times in milliseconds of `performance.now()`. */
export type Window = { from: number; to: number }

/** Milliseconds, beside what AWS, the machines and the load balancer took by themselves. */
export type Measured = { ms: number; floorMs: number }

export type Times = {
  /** Null for finish, which moves no traffic. */
  switched: Measured | null
  ended: Measured
}

type Of = { group: string; what: Sighting['what']; state: string }

const of = (seen: readonly Sighting[], { group, what, state }: Of): readonly Sighting[] =>
  seen.filter((one) => one.group === group && one.what === what && one.state === state)

const last = (seen: readonly Sighting[]): number => Math.max(...seen.map(({ at }) => at))

/** The longest that one instance of a group took from one state to another; 0 where none was seen in both. */
function longest(seen: readonly Sighting[], from: Of, to: Of): number {
  const began = new Map(of(seen, from).map(({ instance, at }) => [instance, at]))
  const took = of(seen, to).map(({ instance, at }) => at - (began.get(instance) ?? at))
  return Math.max(0, ...took)
}

/** Traffic has switched when the last target of the other group stopped taking new requests. */
function switchedAt(seen: readonly Sighting[], group: string): number {
  return last(of(seen, { group, what: 'health', state: 'draining' }))
}

/** The slowest instance is the floor: all of them could go through it at the same time. */
const becomingHealthy = (seen: readonly Sighting[], group: string): number =>
  longest(seen, { group, what: 'lifecycle', state: 'Pending' }, { group, what: 'health', state: 'healthy' })

/** From the moment the group has its size: AWS launches, machines boot, the load balancer checks them. */
export function deployTimes(
  seen: readonly Sighting[],
  { from, to }: Window,
  { serving, other }: Groups,
): Times {
  const askedAt = seen.find((one) => one.group === serving && one.what === 'desired')?.at ?? from
  const launching = last(of(seen, { group: serving, what: 'lifecycle', state: 'Pending' })) - askedAt
  const ready = launching + becomingHealthy(seen, serving)
  const drained = longest(
    seen,
    { group: other, what: 'health', state: 'draining' },
    { group: other, what: 'health', state: 'unused' },
  )
  return {
    switched: { ms: switchedAt(seen, other) - from, floorMs: ready },
    ended: { ms: to - from, floorMs: ready + drained },
  }
}

export function rollbackTimes(
  seen: readonly Sighting[],
  { from, to }: Window,
  { serving, other }: Groups,
): Times {
  const ready = becomingHealthy(seen, serving)
  const gone = longest(
    seen,
    { group: other, what: 'health', state: 'draining' },
    { group: other, what: 'machine', state: 'terminated' },
  )
  return {
    switched: { ms: switchedAt(seen, other) - from, floorMs: ready },
    ended: { ms: to - from, floorMs: ready + gone },
  }
}

export function finishTimes(seen: readonly Sighting[], { from, to }: Window, { other }: Groups): Times {
  const floorMs = longest(
    seen,
    { group: other, what: 'machine', state: 'shutting-down' },
    { group: other, what: 'machine', state: 'terminated' },
  )
  return { switched: null, ended: { ms: to - from, floorMs } }
}
