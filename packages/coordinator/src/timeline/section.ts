import { formatDuration } from '@switchover/contract/duration'
import type { Deployment } from '@switchover/contract/deployment'
import { switches } from '../decide/start.ts'
import { rowOf } from './bars.ts'
import { callsOfRuns } from './calls.ts'
import { capacityOf, requiredOf } from './capacity.ts'
import { hintsOf } from './hints.ts'
import { livesOf } from './life.ts'
import type { Entry, Lane, Mark, Section } from './model.ts'
import { onOldWords, partsOf } from './parts.ts'
import { rested, type Run, type RunGroup } from './runs.ts'

const rests: Readonly<Record<string, string>> = {
  parked: 'the old fleet is parked',
  canary: 'canaries serve beside the live group',
  kept: 'instances are kept for a post-mortem',
  held: 'held: a person must decide',
  finished: 'finished',
  'rolled-back': 'rolled back',
  failed: 'failed, and went back',
  stopped: 'stopped on the way',
  now: 'still open',
}

/** From the beginning of a goal to the first look of the run that works on it. Milliseconds. */
const foretoldSlackMs = 30_000

/**
 * One stretch of a deployment, from what its runs saw and did.
 * @param atWork who holds the lease; null where nobody does
 */
export function sectionOf({ goal, runs }: RunGroup, deployment: Deployment, atWork: string | null): Section {
  const traces = runs.flatMap(({ trace }) => trace ?? [])
  const startsAt = Math.min(...runs.map(({ from }) => from))
  const lengthMs = Math.max(1, ...runs.map(({ to }) => to - startsAt))
  const lanes = lanesOf(runs, deployment, startsAt)
  const gaps = gapsOf(runs, startsAt)
  const marks = marksOf(runs, startsAt, switches({ goal, parked: deployment.parked }))
  const bare = {
    name: goal,
    startsAt,
    lengthMs,
    rest: restOf(runs.at(-1), atWork),
    foretold: foretoldOf(runs, deployment),
    lanes,
    left: Math.max(0, ...traces.map(({ left }) => left)),
    capacity: capacityOf(lanes, requiredOf(traces, startsAt), gaps, lengthMs),
    gaps,
    marks,
    entries: entriesOf(runs, startsAt),
    calls: callsOfRuns(traces, startsAt, lengthMs),
    parts: partsOf(goal, lanes, marks, lengthMs),
  }
  const settings = {
    sources: traces.at(-1)?.sources ?? [],
    flags: deployment.flags,
    checks: deployment.durations?.checks ?? [],
  }
  return { ...bare, hints: hintsOf(bare, settings) }
}

/** The record knows it of its present goal, from that one's beginning on. */
function foretoldOf(runs: readonly Run[], { predicted, marks }: Deployment): Section['foretold'] {
  const [first] = runs
  // What was foretold of a way back says nothing of the whole.
  if (runs.some(({ lines }) => lines.some(({ text }) => text.startsWith('turn-back:')))) return null
  return first !== undefined && Math.abs(first.from - marks.begunAt) <= foretoldSlackMs ? predicted : null
}

/** A run at work has left no trace yet, and the look that stands for it may have failed. */
function restOf(last: Run | undefined, atWork: string | null): string {
  if (last?.trace) return rests[last.trace.rest] ?? last.trace.rest
  if (last !== undefined && rested(last)) return 'came to rest'
  return last?.lines[0]?.owner === atWork ? 'under way' : 'killed, or out of reach of the store'
}

function lanesOf(runs: readonly Run[], deployment: Deployment, startsAt: number): Lane[] {
  const lives = livesOf(runs)
  return (['new', 'old'] as const).map((side) => ({
    side,
    group: deployment[side].name,
    rows: lives
      .filter((life) => life.side === side)
      .map((life) => rowOf(life, startsAt))
      .toSorted(
        (a, b) =>
          (a.bars[0]?.from ?? 0) - (b.bars[0]?.from ?? 0) || servedOf(a.servedAt) - servedOf(b.servedAt),
      ),
  }))
}

function servedOf(at: number | null): number {
  return at ?? Number.MAX_SAFE_INTEGER
}

/** When no trace tells what happened: between runs, and while one was at work that left none. */
function gapsOf(runs: readonly Run[], startsAt: number): Section['gaps'] {
  const gaps: { from: number; to: number }[] = []
  let seen = startsAt
  for (const { from, to, trace } of runs) {
    if (trace === null) continue
    if (from > seen) gaps.push({ from: seen - startsAt, to: from - startsAt })
    seen = Math.max(seen, to)
  }
  const end = Math.max(...runs.map(({ to }) => to))
  const untold = runs.every(({ trace }) => trace === null)
  if (end > seen || untold) gaps.push({ from: seen - startsAt, to: end - startsAt })
  return gaps
}

const markWords: Readonly<Record<string, string>> = {
  'mark-switched': 'switched',
  'turn-back': 'turned back',
  promote: 'promoted',
  'begin-finish': 'finish begins',
  'mark-bake': 'bake begins',
}

/** @param moves whether there is a switch to tell of */
function marksOf(runs: readonly Run[], startsAt: number, moves: boolean): Mark[] {
  const lines = runs.flatMap((run) => run.lines)
  const turnedAt = lines.find(({ text }) => text.startsWith('turn-back:'))?.at ?? Number.POSITIVE_INFINITY
  return lines.flatMap(({ at, text }): Mark[] => {
    const [kind = ''] = text.split(':')
    const switched = kind === 'mark-switched' && at < turnedAt && moves
    // Where traffic never left, or was brought back to.
    const words = kind === 'mark-switched' && !switched ? onOldWords : markWords[kind]
    if (words === undefined) return []
    const since = at - startsAt
    return [{ at: since, text: `${words} at ${formatDuration(since)}`, switched }]
  })
}

const happeningWords = {
  progress: 'progress',
  warning: 'warning',
  'launch-failed': 'launch failed',
  replaced: 'replaced',
}

function entriesOf(runs: readonly Run[], startsAt: number): Entry[] {
  const steps = runs
    .flatMap(({ lines }) => lines)
    .map(({ at, text }): Entry => {
      const cut = text.indexOf(': ')
      return { at: at - startsAt, kind: 'step', what: text.slice(0, cut), text: text.slice(cut + 2) }
    })
  const told = runs
    .flatMap(({ trace }) => trace ?? [])
    .flatMap(({ from, happenings }) =>
      happenings.map(({ at, kind, text }): Entry => {
        const what = happeningWords[kind]
        return { at: from + at - startsAt, kind: kind === 'progress' ? 'progress' : 'warning', what, text }
      }),
    )
  // A run that carries on finds in AWS what the one before it found.
  const once = new Map(told.map((entry) => [JSON.stringify(entry), entry]))
  return [...steps, ...once.values()].toSorted((a, b) => a.at - b.at)
}
