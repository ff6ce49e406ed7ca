import { classRows, eachRow, namedRows, type RowOptions } from './instance-rows.ts'
import { fit, span, table, type Line } from './line.ts'
import type { GroupSight } from './sight.ts'

/** A group's own line, and those of its instances. */
export type GroupLines = Readonly<{ head: Line; rows: readonly Line[] }>

type Row = readonly Line[]

/**
 * Every instance where there is room for all of them; else those of the largest group, or of both, grouped by where they
 * stand, with the few named that a person wants to know by name.
 * @param most rows of instances in all
 */
export function groupLines(groups: readonly GroupSight[], most: number, options: RowOptions): GroupLines[] {
  const heads = table(
    groups.map((group) => headOf(group, options)),
    options.width,
    options.signs,
  )
  const chosen = choose(groups, most, options)
  const lines = table(chosen.flat(), options.width - 2, options.signs).map((line) =>
    fit([span('  '), ...line], options.width, options.signs),
  )
  let start = 0
  return groups.map((_, index) => {
    const count = chosen[index]?.length ?? 0
    const rows = lines.slice(start, start + count)
    start += count
    return { head: heads[index] ?? [], rows }
  })
}

function choose(groups: readonly GroupSight[], most: number, options: RowOptions): Row[][] {
  const bySize = groups.map(({ instances }) => instances.length).toSorted((a, b) => b - a)
  for (const limit of [Number.POSITIVE_INFINITY, (bySize[0] ?? 0) - 1, ...bySize.slice(1)]) {
    const rows = groups.map(({ instances, ...group }) =>
      instances.length <= limit ? eachRow(instances, options) : classRows({ ...group, instances }, options),
    )
    if (total(rows) <= most) return withNames(groups, rows, most, options)
  }
  return cut(
    groups.map((group) => classRows(group, options)),
    most,
  )
}

/** What room is left goes to names of those who are grouped. */
function withNames(
  groups: readonly GroupSight[],
  rows: readonly Row[][],
  most: number,
  options: RowOptions,
): Row[][] {
  let left = most - total(rows)
  return groups.map((group, index) => {
    const own = rows[index] ?? []
    if (own.length === group.instances.length) return own
    const named = namedRows(group, options, left)
    left -= named.length
    return [...own, ...named]
  })
}

/** From the end of the longest, until the rest goes into `most`. */
function cut(rows: readonly Row[][], most: number): Row[][] {
  const left = rows.map((one) => [...one])
  for (let over = total(left) - Math.max(0, most); over > 0; over -= 1)
    left.toSorted((a, b) => b.length - a.length)[0]?.pop()
  return left
}

function total(rows: readonly Row[][]): number {
  return rows.reduce((sum, { length }) => sum + length, 0)
}

function headOf(group: GroupSight, { width }: RowOptions): Row {
  const { name, role, version, min, max, desired } = group
  return [
    [span(name, 'bold')],
    [span(role, role === 'live' ? 'green' : 'dim')],
    [span(version ?? 'no version')],
    [span(counts(group))],
    [span(`desired ${desired}${width < 100 ? '' : `, min ${min}, max ${max}`}`, 'dim')],
  ]
}

function counts({ instances, ready }: GroupSight): string {
  const of = (states: (lifecycle: string) => boolean) =>
    instances.filter(({ lifecycle }) => states(lifecycle)).length
  const launching = of((state) => state.startsWith('Pending'))
  const serves = of((state) => state === 'InService')
  const parked = of((state) => state === 'Standby')
  const parking = of((state) => state === 'EnteringStandby')
  const rest = instances.length - launching - serves - parked - parking
  const words = [
    ...(ready === null ? [] : [`${ready.count} of ${ready.of} ready`]),
    ...(serves > 0 ? [`${serves} in service`] : []),
    // What comes out of Standby is Pending too.
    ...(launching > 0 ? [`${launching} ${ready === null ? 'pending' : 'launching'}`] : []),
    ...(parked > 0 ? [`${parked} in Standby`] : []),
    ...(parking > 0 ? [`${parking} parking`] : []),
    ...(rest > 0 ? [`${rest} leaving`] : []),
  ]
  return words.length === 0 ? 'empty' : words.join(', ')
}
