import type { Flags, MeasuredDurations } from '@switchover/contract/deployment'
import { formatBytes } from '@switchover/contract/bytes'
import { formatDuration } from '@switchover/contract/duration'
import type { Trace } from '@switchover/contract/trace'
import { comeUpKinds, type Hint, type Row, type Section } from './model.ts'
import { slowestOf, spentOn, switchedAt } from './parts.ts'
import { tickWords } from './ticks.ts'

/** What both groups are behind. Milliseconds. */
type Sources = readonly Readonly<
  Pick<Trace['sources'][number], 'name' | 'deregistrationDelay' | 'slowStart'>
>[]

/** What was in force. `checks`: empty where they were not read. */
export type Settings = Readonly<{ sources: Sources; flags: Flags; checks: MeasuredDurations['checks'] }>

type Known = Settings &
  Readonly<{
    section: Omit<Section, 'hints'>
    /** Instances of the new group that came up for the switch, and the last of them. */
    fresh: readonly Row[]
    slowest: Row | null
  }>
type Rule = (known: Known) => Hint | null

/** What is worth being said. Milliseconds. */
const worth = { drain: 30_000, health: 15_000, pull: 20_000, boot: 45_000, compose: 45_000, slow: 10_000 }
/** A load balancer that asks every 5 s and wants 2 good answers. */
const quickHealth = 10_000
/** A small instance from an AMI with everything in it. */
const quickBoot = 30_000

const rules: readonly Rule[] = [drain, health, pull, boot, compose, slowInstance, slowZone, slowStart, bake]

/** What would have made this faster, or surer, most seconds first. */
export function hintsOf(section: Omit<Section, 'hints'>, settings: Settings): Hint[] {
  if (section.name !== 'deploy' && section.name !== 'canary') return []
  const until = switchedAt(section.marks) ?? Number.POSITIVE_INFINITY
  const counts = (row: Row) => row.servedAt !== null && row.servedAt <= until && spentOn(row, 'unseen') === 0
  const fresh = section.lanes
    .filter(({ side }) => side === 'new')
    .flatMap(({ rows }) => rows.filter((row) => counts(row)))
  const known = {
    section,
    ...settings,
    fresh,
    slowest: slowestOf([{ side: 'new', group: '', rows: fresh }]),
  }
  return rules.flatMap((rule) => rule(known) ?? []).toSorted((a, b) => (b.savesMs ?? 0) - (a.savesMs ?? 0))
}

function drain({ sources, section }: Known): Hint | null {
  const longest = sources.toSorted((a, b) => b.deregistrationDelay - a.deregistrationDelay)[0]
  const drained = section.lanes.some(({ rows }) =>
    rows.some(({ bars }) => bars.some(({ kind }) => kind === 'draining')),
  )
  if (!longest || !drained || longest.deregistrationDelay <= worth.drain) return null
  const savesMs = longest.deregistrationDelay - worth.drain
  return {
    savesMs,
    text: `Drain ${formatDuration(longest.deregistrationDelay)} (deregistration delay of ${longest.name}): set 30s, if no request takes longer, to save ${formatDuration(savesMs)} after the switch.`,
  }
}

function health({ fresh, checks }: Known): Hint | null {
  const typical = median(fresh.map((row) => spentOn(row, 'health')))
  const savesMs = typical - quickHealth
  if (typical < worth.health || savesMs <= 0) return null
  const [slowest] = checks.toSorted((a, b) => longestOf(b) - longestOf(a))
  // A check that is quick already is not what was waited for.
  if (slowest !== undefined && longestOf(slowest) <= quickHealth) return null
  const now =
    slowest === undefined
      ? ''
      : ` (${slowest.name} asks every ${tickWords(slowest.intervalMs)} and wants ${slowest.healthyThreshold} good answers)`
  return {
    savesMs,
    text: `From ready to healthy took ${formatDuration(typical)}${now}: a health check every 5s with a healthy threshold of 2 saves about ${formatDuration(savesMs)} before the switch.`,
  }
}

function longestOf({ intervalMs, healthyThreshold }: Settings['checks'][number]): number {
  return intervalMs * healthyThreshold
}

function pull({ fresh }: Known): Hint | null {
  const typical = median(fresh.map((row) => spentOn(row, 'pull')))
  if (typical < worth.pull) return null
  const sizes = fresh.flatMap(({ pulledBytes }) => pulledBytes ?? [])
  const bytes = sizes.length === 0 ? null : median(sizes)
  const what =
    bytes === null ? 'The image' : `${formatBytes(bytes)} (${formatBytes((bytes / typical) * 1_000)}/s)`
  return {
    savesMs: typical,
    text: `${what} took ${formatDuration(typical)} to pull: smaller layers, or a base image that is in the AMI already, save up to that before the switch.`,
  }
}

function boot({ fresh }: Known): Hint | null {
  const typical = median(fresh.map((row) => spentOn(row, 'launch') + spentOn(row, 'boot')))
  if (typical < worth.boot) return null
  const savesMs = typical - quickBoot
  return {
    savesMs,
    text: `Machines took ${formatDuration(typical)} from launch to their agent’s start: an AMI with engine and agent in it, or less in user data, saves about ${formatDuration(savesMs)}.`,
  }
}

function compose({ fresh }: Known): Hint | null {
  const typical = median(fresh.map((row) => spentOn(row, 'compose')))
  if (typical < worth.compose) return null
  return {
    savesMs: null,
    text: `The app took ${formatDuration(typical)} from its container’s start until it was healthy: that is the app’s own, and every rollout and scale-out waits for it.`,
  }
}

/** One that kept all the others waiting. */
function slowInstance({ fresh, slowest }: Known): Hint | null {
  if (slowest === null || fresh.length < 3) return null
  const typical = median(fresh.map(({ servedAt }) => servedAt ?? 0))
  const savesMs = (slowest.servedAt ?? 0) - typical
  if (savesMs < worth.slow || savesMs < typical / 2) return null
  const [where] = comeUpKinds
    .map((kind) => ({ kind, more: spentOn(slowest, kind) - median(fresh.map((row) => spentOn(row, kind))) }))
    .toSorted((a, b) => b.more - a.more)
  const zone = slowest.zone === null ? '' : ` in ${slowest.zone}`
  return {
    savesMs,
    text: `${slowest.id}${zone} served ${formatDuration(savesMs)} after the median, mostly for its ${where?.kind ?? 'boot'} (${formatDuration(where?.more ?? 0)} more): the switch waited for it alone.`,
  }
}

function slowZone({ fresh }: Known): Hint | null {
  const zones = [...new Set(fresh.flatMap(({ zone }) => zone ?? []))]
  const times = zones
    .map((zone) => ({
      zone,
      of: fresh.filter((row) => row.zone === zone).map(({ servedAt }) => servedAt ?? 0),
    }))
    .filter(({ of }) => of.length >= 2)
    .map(({ zone, of }) => ({ zone, typical: median(of) }))
    .toSorted((a, b) => b.typical - a.typical)
  const [first, last] = [times[0], times.at(-1)]
  if (!first || !last) return null
  const savesMs = first.typical - last.typical
  if (savesMs < worth.slow || first.typical < last.typical * 1.3) return null
  return {
    savesMs,
    text: `Instances in ${first.zone} served ${formatDuration(savesMs)} later than in ${last.zone}: look at its subnet’s way to the registry and at its instance type.`,
  }
}

function slowStart({ sources }: Known): Hint | null {
  const longest = sources.toSorted((a, b) => b.slowStart - a.slowStart)[0]
  if (!longest || longest.slowStart === 0) return null
  return {
    savesMs: longest.slowStart,
    text: `Slow start of ${longest.name} is waited out before the old fleet is parked: ${formatDuration(longest.slowStart)} of the switch. Without it new instances get their full share at once.`,
  }
}

function bake({ flags, section }: Known): Hint | null {
  const { bakeMs } = flags
  const begun = section.entries.find(({ what }) => what === 'mark-bake')
  const whole = begun !== undefined && bakeMs !== null && section.lengthMs - begun.at >= bakeMs
  if (!whole || bakeMs < section.lengthMs / 2) return null
  return {
    savesMs: null,
    text: `The bake is ${formatDuration(bakeMs)} of ${formatDuration(section.lengthMs)}: nothing else is worth shortening before it.`,
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
}
