import type { Trace } from '@switchover/contract/trace'
import type { Capacity, Lane } from './model.ts'

type Gap = Readonly<{ from: number; to: number }>

/**
 * Instances that took requests, at every moment at which that changed.
 * @param required moments at which the need changed, in the order of time
 */
export function capacityOf(
  lanes: readonly Lane[],
  required: readonly (readonly [number, number])[],
  gaps: readonly Gap[],
  lengthMs: number,
): Capacity[] {
  const changes = { old: changesOf(lanes, 'old', lengthMs), new: changesOf(lanes, 'new', lengthMs) }
  const moments = [
    0,
    ...changes.old.keys(),
    ...changes.new.keys(),
    ...required.map(([at]) => at),
    ...gaps.flatMap(({ from, to }) => [from, to]),
    lengthMs,
  ]
  const serving = { old: 0, new: 0 }
  return [...new Set(moments)]
    .filter((at) => at >= 0 && at <= lengthMs)
    .toSorted((a, b) => a - b)
    .map((at) => {
      serving.old += changes.old.get(at) ?? 0
      serving.new += changes.new.get(at) ?? 0
      const unseen = gaps.some(({ from, to }) => at >= from && (at < to || to === lengthMs))
      return {
        at,
        old: unseen ? null : serving.old,
        new: unseen ? null : serving.new,
        required: required.findLast(([since]) => since <= at)?.[1] ?? null,
      }
    })
}

/** By how many more, or fewer, at each moment. */
function changesOf(lanes: readonly Lane[], side: Lane['side'], lengthMs: number): Map<number, number> {
  const changes = new Map<number, number>()
  const add = (at: number, by: number) => changes.set(at, (changes.get(at) ?? 0) + by)
  for (const row of lanes.filter((lane) => lane.side === side).flatMap(({ rows }) => rows)) {
    for (const { kind, from, to } of row.bars) {
      if (kind !== 'service') continue
      add(Math.max(0, from), 1)
      // What serves until the end of what is known has not ended with it.
      if (to < lengthMs) add(Math.max(0, to), -1)
    }
  }
  return changes
}

/** What runs recorded of the need, on the axis of the section; each had it from its beginning on. */
export function requiredOf(traces: readonly Trace[], startsAt: number): (readonly [number, number])[] {
  return traces.flatMap(({ from, required }) =>
    required.map(([at, count], index) => [from + (index === 0 ? 0 : at) - startsAt, count] as const),
  )
}
