import type { AgentTrace, InstanceTrace } from '@switchover/contract/trace'
import type { Side } from '../decide/fleet.ts'
import type { Run } from './runs.ts'

/** One instance over all runs of a section. Times in milliseconds since the epoch. */
export type Life = Readonly<{
  id: string
  side: Side
  zone: string | null
  launchedAt: number | null
  /** Each state from when it was first seen; `unseen` from the last look of a run to the first of the next. */
  states: readonly (readonly [number, string])[]
  /** The end of the last run that saw it, or when it was seen to be gone. */
  until: number
  agent: (Omit<AgentTrace, 'startedAt'> & { startedAt: number }) | null
  lack: string | null
}>

/** Every instance that these runs saw, oldest run first, in the order they were first seen. */
export function livesOf(runs: readonly Run[]): Life[] {
  const lives = new Map<string, Life>()
  for (const run of runs) {
    const instances = run.trace?.instances ?? []
    const firstLook = Math.min(...instances.map(({ states }) => states[0]?.[0] ?? Number.POSITIVE_INFINITY))
    for (const seen of instances) {
      const life = lifeOf(seen, run, firstLook)
      const before = lives.get(seen.id)
      lives.set(seen.id, before === undefined ? life : joined(before, life, run))
    }
  }
  return [...lives.values()]
}

/** What the first look found was there when the run began, a moment before. */
function lifeOf(
  { states, agent, launchedAt, ...rest }: InstanceTrace,
  { from, to }: Run,
  firstLook: number,
): Life {
  return {
    ...rest,
    launchedAt: launchedAt === null ? null : from + launchedAt,
    states: states.map(([at, state]) => [at === firstLook ? from : from + at, state] as const),
    until: states.at(-1)?.[1] === 'gone' ? from + (states.at(-1)?.[0] ?? 0) : to,
    agent: agent === null ? null : { ...agent, startedAt: from + agent.startedAt },
  }
}

/** Between two runs nobody looked; an agent that has been asked before remembers more than one that was started anew. */
function joined(before: Life, after: Life, { from }: Run): Life {
  return {
    ...after,
    zone: before.zone ?? after.zone,
    launchedAt: before.launchedAt ?? after.launchedAt,
    states: [
      ...before.states.filter(([, state]) => state !== 'gone'),
      ...(before.until < from ? [[before.until, 'unseen'] as const] : []),
      ...after.states,
    ],
    agent:
      after.agent === null
        ? before.agent
        : { ...after.agent, pull: after.agent.pull ?? before.agent?.pull ?? null },
    lack: after.lack ?? (after.states.some(([, state]) => state === 'serving') ? null : before.lack),
  }
}
