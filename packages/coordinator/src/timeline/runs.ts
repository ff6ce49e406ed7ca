import type { Deployment, Goal } from '@switchover/contract/deployment'
import type { Trace } from '@switchover/contract/trace'

type Line = Deployment['journal'][number]

/** One coordinator at work, from its first sign to its last; `trace` null where it was killed, or wrote none. */
export type Run = Readonly<{ from: number; to: number; trace: Trace | null; lines: readonly Line[] }>

/** Runs on one axis of time. */
export type RunGroup = Readonly<{ goal: Goal; runs: readonly Run[] }>

/** A pause longer than this is not drawn: what follows gets an axis of its own. Milliseconds. */
const longestPauseMs = 900_000

/** Who was at work when, by what they saw and by what the journal says they did. */
export function runsOf(journal: readonly Line[], traces: readonly Trace[]): Run[] {
  const told = traces.map((trace): Run => {
    const lines = journal.filter((line) => runOf(line, journal, traces) === trace)
    // The last line is written after the last look.
    return { from: trace.from, to: Math.max(trace.to, lines.at(-1)?.at ?? 0), trace, lines }
  })
  const byOwner = new Map<string, Line[]>()
  for (const line of journal.filter((line) => runOf(line, journal, traces) === null))
    byOwner.set(line.owner, [...(byOwner.get(line.owner) ?? []), line])
  const untold = [...byOwner.values()].map((lines): Run => {
    return { from: lines[0]?.at ?? 0, to: lines.at(-1)?.at ?? 0, trace: null, lines }
  })
  return [...told, ...untold].toSorted((a, b) => a.from - b.from)
}

/** One process may have run twice, and its second run may have left no trace: of the first there is one step after its last look. */
function runOf(line: Line, journal: readonly Line[], traces: readonly Trace[]): Trace | null {
  const trace = traces.findLast(({ owner, from }) => owner === line.owner && from <= line.at)
  if (trace === undefined || line.at <= trace.to) return trace ?? null
  return journal.find(({ owner, at }) => owner === line.owner && at > trace.to) === line ? trace : null
}

/** Runs that carried on one another's work belong together. */
export function grouped(runs: readonly Run[], goal: Goal): RunGroup[] {
  const groups: Run[][] = []
  for (const run of runs) {
    const last = groups.at(-1)
    if (last !== undefined && carriesOn(run, last)) last.push(run)
    else groups.push([run])
  }
  return groups.map((members, index) => ({
    goal: goalOf(members) ?? (index === groups.length - 1 ? goal : 'deploy'),
    runs: members,
  }))
}

/** Soon after one that did not come to rest, and to the same end as far as that is known. */
function carriesOn(run: Run, group: readonly Run[]): boolean {
  const before = group.at(-1)
  if (before === undefined || rested(before) || run.from - before.to > longestPauseMs) return false
  const [goal, own] = [goalOf(group), goalOf([run])]
  return goal === null || own === null || goal === own
}

function goalOf(runs: readonly Run[]): Goal | null {
  return runs.find(({ trace }) => trace !== null)?.trace?.goal ?? null
}

/** Whether it did what it was to do, as far as anybody can tell. */
export function rested({ trace, lines }: Run): boolean {
  if (trace !== null) return trace.rest !== 'stopped'
  return /^(?:settle|end):/.test(lines.at(-1)?.text ?? '')
}
