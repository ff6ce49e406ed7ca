import type { Trace } from '@switchover/contract/trace'
import type { Calls } from './model.ts'

/** Operations that only read. */
const reads = /^(?:Describe|Get|List|Head|BatchGet)/

/** The calls of several runs on one axis, in buckets of the coarsest; null where there was no run that counted. */
export function callsOfRuns(traces: readonly Trace[], startsAt: number, lengthMs: number): Calls | null {
  if (traces.length === 0) return null
  const bucketMs = Math.max(...traces.map(({ calls }) => calls.bucketMs))
  const buckets = Array.from({ length: Math.max(1, Math.ceil(lengthMs / bucketMs)) }, () => 0)
  const counts = new Map<string, number>()
  for (const { from, calls } of traces) {
    for (const [name, rows] of Object.entries(calls.operations)) {
      for (const [bucket, count] of rows) {
        counts.set(name, (counts.get(name) ?? 0) + count)
        const at = from + bucket * calls.bucketMs - startsAt
        const index = Math.min(buckets.length - 1, Math.max(0, Math.floor(at / bucketMs)))
        buckets[index] = (buckets[index] ?? 0) + count
      }
    }
  }
  return { bucketMs, buckets, operations: operationsOf(counts) }
}

/** Most first. */
export function operationsOf(counts: ReadonlyMap<string, number>): Calls['operations'] {
  return [...counts]
    .map(([name, count]) => ({ name, count, changes: !reads.test(name.split(' ')[1] ?? '') }))
    .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
}

/** Of all operations, and of those that change something. */
export function totalsOf({ operations }: Pick<Calls, 'operations'>): { total: number; changing: number } {
  return { total: sum(operations), changing: sum(operations.filter(({ changes }) => changes)) }
}

function sum(operations: Calls['operations']): number {
  return operations.reduce((all, { count }) => all + count, 0)
}
