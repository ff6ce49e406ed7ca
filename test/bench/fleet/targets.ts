import { formatTable } from '@switchover/rehearsal/table'
import { callsBesideS3, looks, mostReads, type Calls } from '../calls.ts'
import type { Usage } from '../usage.ts'
import type { Times } from './figures.ts'

export type CommandName = 'deploy' | 'rollback' | 'deploy again' | 'finish'
export type Figures = { instances: number; calls: Calls; usage: Usage; times: Times }
export type Row = { command: CommandName } & Figures

export const megabyte = 1_000 ** 2

type Target = {
  what: string
  of: (row: Row) => number
  most: number
  commands: readonly CommandName[]
  /** Fleets it is asked of. */
  upTo: number
  above?: number
}

const deploys = ['deploy', 'deploy again'] as const
const all = [...deploys, 'rollback', 'finish'] as const

export const limits = { calls: 300, megabytes: 150 } as const

const targets: readonly Target[] = [
  { what: 'times boot + health check until switched', of: ratio, most: 1.05, commands: deploys, upTo: 4 },
  {
    what: 'times boot + health check until switched',
    of: ratio,
    most: 1.2,
    commands: deploys,
    above: 4,
    upTo: 400,
  },
  {
    what: 's until switched beyond the health check',
    of: beyond,
    most: 3,
    commands: ['rollback'],
    upTo: 400,
  },
  {
    what: 'calls beside S3',
    of: ({ calls }) => callsBesideS3(calls),
    most: limits.calls,
    commands: all,
    upTo: 400,
  },
  {
    what: 'MB of memory at most',
    of: ({ usage }) => usage.memoryBytes / megabyte,
    most: limits.megabytes,
    commands: all,
    upTo: 1_000,
  },
  {
    what: 'GETs of one instance’s report',
    of: ({ calls }) => mostReads(calls),
    most: 3,
    commands: deploys,
    upTo: 400,
  },
  { what: 'LIST pages a look', of: listPages, most: 1, commands: deploys, upTo: 400 },
]

export type Judged = { met: boolean; row: Row; value: number; most: number; what: string }

/** Every target that is asked of one of the rows, in the order of the rows. */
export function judge(rows: readonly Row[]): Judged[] {
  return rows.flatMap((row) =>
    targets
      .filter((target) => isAskedOf(target, row))
      .map(({ what, of, most }) => {
        const value = of(row)
        return { met: value <= most, row, value, most, what }
      }),
  )
}

export function targetTable(judged: readonly Judged[]): string {
  const lines = judged.map(({ met, row, value, most, what }) => [
    met ? 'met' : 'MISSED',
    `${row.command}, ${row.instances} instances`,
    number(value),
    String(most),
    what,
  ])
  return formatTable(['target', 'command', 'is', 'at most', 'of'], lines)
}

/** Rounded up, so that what is printed tells on which side of its bound a figure is. */
export function number(value: number): string {
  const digits = value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2
  return (Math.ceil(value * 10 ** digits - 1e-9) / 10 ** digits).toFixed(digits)
}

function isAskedOf({ commands, upTo, above = 0 }: Target, { command, instances }: Row): boolean {
  return commands.includes(command) && instances <= upTo && instances > above
}

function ratio({ times: { switched } }: Row): number {
  return switched === null ? 0 : switched.ms / switched.floorMs
}

/** Seconds. */
function beyond({ times: { switched } }: Row): number {
  return switched === null ? 0 : (switched.ms - switched.floorMs) / 1_000
}

/** A look describes both groups in one call. */
function listPages({ calls, instances }: Row): number {
  const pages = Math.ceil((2 * instances) / 1_000)
  return (calls.byOperation['s3 ListObjectsV2'] ?? 0) / looks(calls) / pages
}
