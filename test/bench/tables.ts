import { formatTable } from '@switchover/rehearsal/table'
import { deregistrationDelayS, healthIntervalS, bootMs } from './account.ts'
import { throttledCalls, type Calls } from './calls.ts'
import type { Measured, Times } from './figures.ts'
import type { Usage } from './usage.ts'

export type Row = { command: string; instances: number; calls: Calls; usage: Usage; times: Times }

const megabyte = 1_000 ** 2

type Target = { what: string; of: (row: Row) => number; most: number }

/** What a deploy may take; the number of calls is asked of the largest fleet alone, for most of them come by the clock. */
const targets: readonly Target[] = [
  {
    what: 'calls to Auto Scaling, ELB, EC2 and CloudWatch',
    of: ({ calls }) => throttledCalls(calls),
    most: 350,
  },
  { what: 'GETs of one instance’s report', of: ({ calls }) => mostReads(calls), most: 3 },
  { what: 'LIST pages a look', of: listPages, most: 1 },
  { what: 'MB of memory', of: ({ usage }) => usage.memoryBytes / megabyte, most: 150 },
  {
    what: 's until switched beyond launch, boot and health check',
    of: ({ times }) => beyond(times.switched) / 1_000,
    most: 5,
  },
]

/** Targets a row misses, in words; only deployments of at most 400 instances have any. */
export function missed(row: Row): string[] {
  return judged(row).flatMap(({ what, value, most }) =>
    value <= most
      ? []
      : [`${row.command} of ${row.instances} instances: ${number(value)} ${what}, at most ${most}`],
  )
}

function judged(row: Row): { what: string; value: number; most: number }[] {
  if (!row.command.startsWith('deploy') || row.instances > 400) return []
  return targets.map(({ what, of, most }) => ({ what, value: of(row), most }))
}

/** One table a command, one line a size, then the targets. */
export function tables(rows: readonly Row[], operations: boolean): string {
  const names = [...new Set(rows.map(({ command }) => command))]
  const parts = names.map((name) =>
    table(
      name,
      rows.filter(({ command }) => command === name),
    ),
  )
  if (operations) parts.push(...rows.map(operationsOf))
  return `${[conditions, ...parts, targetTable(rows)].join('\n\n')}\n`
}

const conditions = `Boot ${bootMs / 1_000} s, a health check every ${healthIntervalS} s, drain ${deregistrationDelayS} s; everything else takes AWS's usual time.
The floor is what AWS, the slowest machine and the load balancer took by themselves in the same run.`

function table(name: string, rows: readonly Row[]): string {
  const header = [
    'instances',
    'AS+ELB+EC2+CW',
    'each',
    'AS',
    'ELB',
    'EC2',
    'S3',
    'GETs most',
    'record KiB',
    'MB',
    'CPU s',
    'switched',
    'floor',
    'ratio',
    'ended',
    'floor',
    'ratio',
  ]
  return `${name}\n${formatTable(header, rows.map(cells))}`
}

function cells({ instances, calls, usage, times }: Row): string[] {
  const { byService } = calls
  return [
    String(instances),
    String(throttledCalls(calls)),
    (throttledCalls(calls) / instances).toFixed(2),
    ...['autoscaling', 'elasticloadbalancing', 'ec2', 's3'].map((service) => String(byService[service] ?? 0)),
    String(mostReads(calls)),
    number(calls.largestRecordBytes / 1_024),
    number(usage.memoryBytes / megabyte),
    number(usage.cpuMs / 1_000),
    ...timeCells(times.switched),
    ...timeCells(times.ended),
  ]
}

function timeCells(measured: Measured | null): string[] {
  if (measured === null) return ['–', '–', '–']
  const { ms, floorMs } = measured
  return [`${(ms / 1_000).toFixed(1)}s`, `${(floorMs / 1_000).toFixed(1)}s`, (ms / floorMs).toFixed(2)]
}

function operationsOf({ command, instances, calls }: Row): string {
  const lines = Object.entries(calls.byOperation)
    .toSorted(([, a], [, b]) => b - a)
    .map(([operation, count]) => `  ${String(count).padStart(6)}  ${operation}`)
  return [`${command}, ${instances} instances`, ...lines].join('\n')
}

function targetTable(rows: readonly Row[]): string {
  const lines = rows.flatMap((row) =>
    judged(row).map(({ what, value, most }) => [
      value <= most ? 'met' : 'MISSED',
      `${row.command}, ${row.instances} instances`,
      number(value),
      String(most),
      what,
    ]),
  )
  return formatTable(['target', 'command', 'is', 'at most', 'of'], lines)
}

/** A look describes both groups in one call. */
function listPages({ calls, instances }: Row): number {
  const looks = calls.byOperation['autoscaling DescribeAutoScalingGroups'] ?? 1
  const pages = Math.ceil((2 * instances) / 1_000)
  return (calls.byOperation['s3 ListObjectsV2'] ?? 0) / looks / pages
}

function mostReads({ reportReads }: Calls): number {
  return Math.max(0, ...Object.values(reportReads))
}

function beyond(measured: Measured | null): number {
  return measured === null ? 0 : measured.ms - measured.floorMs
}

function number(value: number): string {
  return value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1)
}
