import { callsBesideS3 } from '../calls.ts'
import type { Measured } from '../fleet/figures.ts'
import { limits, megabyte, type CommandName, type Row } from '../fleet/targets.ts'

/** What is drawn over the number of instances. */
export type Measure = Readonly<{
  title: string
  /** '' where it is a number of things, or a ratio. */
  unit: string
  /** Null where the command has no such figure. */
  of: (row: Row) => number | null
  /** A target, and the largest fleet it is asked of. */
  limit?: Readonly<{ most: number; upTo: number }>
}>

/** A curve: what one command took, by fleet. */
export type Curve = Readonly<{ command: CommandName; points: readonly Point[] }>
export type Point = Readonly<{ instances: number; value: number }>

const ratio = (measured: Measured | null) => (measured === null ? null : measured.ms / measured.floorMs)

export const measures: readonly Measure[] = [
  {
    title: 'calls beside S3',
    unit: '',
    of: ({ calls }) => callsBesideS3(calls),
    limit: { most: limits.calls, upTo: 400 },
  },
  {
    title: 'peak memory',
    unit: 'MB',
    of: ({ usage }) => usage.memoryBytes / megabyte,
    limit: { most: limits.megabytes, upTo: 1_000 },
  },
  { title: 'processor time', unit: 's', of: ({ usage }) => usage.cpuMs / 1_000 },
  { title: 'until switched', unit: '× floor', of: ({ times }) => ratio(times.switched) },
  { title: 'until ended', unit: '× floor', of: ({ times }) => ratio(times.ended) },
]

/** The commands in the order they were run; `deploy again` is a deploy like the first. */
export function curvesOf({ of }: Measure, rows: readonly Row[]): Curve[] {
  const commands = [...new Set(rows.map(({ command }) => command))].filter((name) => name !== 'deploy again')
  return commands.flatMap((command) => {
    const points = rows
      .filter((row) => row.command === command)
      .flatMap((row) => {
        const value = of(row)
        return value === null ? [] : [{ instances: row.instances, value }]
      })
      .toSorted((a, b) => a.instances - b.instances)
    return points.length === 0 ? [] : [{ command, points }]
  })
}

/**
 * By what a figure is multiplied where a fleet is ten times as large: the slope of the straight line through its logarithms
 * that fits best. Null for fewer than two fleets.
 */
export function perTenfold(points: readonly Point[]): number | null {
  if (points.length < 2) return null
  const at = points.map(({ instances, value }) => ({ x: Math.log10(instances), y: Math.log10(value) }))
  const mean = (of: (point: { x: number; y: number }) => number) =>
    at.reduce((sum, point) => sum + of(point), 0) / at.length
  const x = mean((point) => point.x)
  const y = mean((point) => point.y)
  const slope =
    at.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0) /
    at.reduce((sum, point) => sum + (point.x - x) ** 2, 0)
  return 10 ** slope
}
