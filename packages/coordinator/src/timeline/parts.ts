import type { Goal } from '@switchover/contract/deployment'
import { type Bar, type BarKind, type Lane, type Mark, type Part, type Row, type Section } from './model.ts'

const comeUpWords: Readonly<Partial<Record<BarKind, string>>> = {
  launch: 'launch: EC2 starts the machine',
  boot: 'boot: until its agent starts',
  agent: 'agent: who am I, what to run',
  pull: 'pull: the image',
  compose: 'compose: the app comes up',
  health: 'health checks of the load balancer',
  failed: 'the agent had given up',
  unseen: 'nobody looked',
}

/** Of a mark: all new traffic goes to the old group, which it never left or was brought back to. */
export const onOldWords = 'all traffic on the old group'

/** When all new traffic went to the wanted version; null where it did not. */
export function switchedAt(marks: readonly Mark[]): number | null {
  return marks.find(({ switched }) => switched)?.at ?? null
}

/** When the new group was up: at the switch, whoever came later, and without one when the last instance served; 0 where none came up. */
export function upAt({ marks, lanes }: Pick<Section, 'marks' | 'lanes'>): number {
  const last = slowestOf(lanes)?.servedAt ?? null
  return last === null ? 0 : (switchedAt(marks) ?? last)
}

/**
 * The instance of the new group that was last to serve: nothing could switch before it did.
 * @param before the switch, where there was one: who came later, at a scale-out or for one that died, kept nobody waiting
 */
export function slowestOf(lanes: readonly Lane[], before = Number.POSITIVE_INFINITY): Row | null {
  const rows = lanes.filter(({ side }) => side === 'new').flatMap(({ rows }) => rows)
  const served = rows.filter(({ servedAt }) => servedAt !== null && servedAt <= before)
  return served.toSorted((a, b) => (b.servedAt ?? 0) - (a.servedAt ?? 0))[0] ?? null
}

/** How long a row spent with this before it first served. */
export function spentOn(row: Row, kind: BarKind): number {
  const until = row.servedAt ?? Number.POSITIVE_INFINITY
  return row.bars
    .filter((bar) => bar.kind === kind && bar.from < until)
    .reduce((sum, { from, to }) => sum + to - from, 0)
}

/**
 * Where the time of a section went: one thing after the other without a hole. While several go on at once, it is what the
 * slowest was about.
 */
export function partsOf(
  goal: Goal,
  lanes: readonly Lane[],
  marks: readonly Mark[],
  lengthMs: number,
): Part[] {
  const switched = switchedAt(marks)
  const onOld = marks.find(({ text }) => text.startsWith(onOldWords))?.at
  const turned = marks.find(({ text }) => text.startsWith('turned back'))?.at ?? null
  const seen = lanes.some(({ rows }) => rows.length > 0)
  if (!seen && switched === null) return []
  const cuts: [number, string][] = [[0, seen ? 'looking, tagging, sizing' : 'until the switch, not seen']]
  if (goal === 'deploy' || goal === 'canary')
    cuts.push(...forwardCuts(lanes, Math.min(switched ?? lengthMs, turned ?? lengthMs)))
  if (goal === 'rollback') cuts.push(...backCuts(lanes))
  if (goal === 'rollback' && onOld !== undefined) cuts.push(...endingCuts(goal, lanes, onOld))
  if (goal === 'finish') cuts.push([0, 'detach and terminate the parked instances'])
  if (turned !== null) cuts.push([turned, 'going back'])
  if (switched !== null && (turned === null || switched < turned))
    cuts.push(...endingCuts(goal, lanes, switched))
  return consecutive(cuts, lengthMs)
}

/** What follows once all new traffic goes where it is to go. */
function endingCuts(goal: Goal, lanes: readonly Lane[], switched: number): [number, string][] {
  if (goal === 'rollback') return [[switched, 'drain and end of the new fleet']]
  const drained = drainedAt(lanes)
  if (drained === null) return [[switched, 'after the switch']]
  const cuts: [number, string][] = [[switched, 'drain: connections to the old fleet end']]
  return drained > switched ? [...cuts, [drained, 'closing']] : cuts
}

function forwardCuts(lanes: readonly Lane[], until: number): [number, string][] {
  const slowest = slowestOf(lanes, until) ?? lastToComeUp(lanes)
  if (slowest === null) return []
  const served = slowest.servedAt ?? Number.POSITIVE_INFINITY
  const cuts = slowest.bars
    .filter(({ kind, from }) => kind in comeUpWords && from < served)
    .map(({ kind, from }): [number, string] => [Math.max(0, from), comeUpWords[kind] ?? ''])
  return slowest.servedAt === null ? cuts : [...cuts, [slowest.servedAt, 'parking the old fleet']]
}

/** Where none ever served. */
function lastToComeUp(lanes: readonly Lane[]): Row | null {
  const rows = lanes.filter(({ side }) => side === 'new').flatMap(({ rows }) => rows)
  const failed = rows.filter(({ bars }) => bars.some(({ kind }) => kind === 'failed'))
  return (
    (failed.length > 0 ? failed : rows).toSorted((a, b) => lengthOf(b.bars) - lengthOf(a.bars))[0] ?? null
  )
}

function lengthOf(bars: readonly Bar[]): number {
  return (bars.at(-1)?.to ?? 0) - (bars[0]?.from ?? 0)
}

function backCuts(lanes: readonly Lane[]): [number, string][] {
  const returning = lanes
    .filter(({ side }) => side === 'old')
    .flatMap(({ rows }) => rows.flatMap(({ bars }) => bars.filter(({ kind }) => kind === 'returning')))
  if (returning.length === 0) return []
  return [
    [Math.min(...returning.map(({ from }) => from)), 'parked instances return and are checked'],
    [Math.max(...returning.map(({ to }) => to)), 'the switch'],
  ]
}

/** When the last old instance had drained, null where none had to. */
function drainedAt(lanes: readonly Lane[]): number | null {
  const old = lanes.filter(({ side }) => side === 'old').flatMap(({ rows }) => rows)
  const ends = old.flatMap(({ bars }) => bars.flatMap(({ kind, to }) => (kind === 'draining' ? [to] : [])))
  return ends.length === 0 ? null : Math.max(...ends)
}

/** Each part lasts until the next begins; what takes no time is left out. */
function consecutive(cuts: readonly (readonly [number, string])[], lengthMs: number): Part[] {
  const ordered = cuts.toSorted((a, b) => a[0] - b[0])
  return ordered
    .map(([from, what], index): Part => ({
      what,
      from,
      to: Math.min(lengthMs, ordered[index + 1]?.[0] ?? lengthMs),
    }))
    .filter(({ from, to }) => to > from)
}
