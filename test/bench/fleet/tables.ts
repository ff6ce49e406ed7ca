import { formatTable } from '@switchover/rehearsal/table'
import { bootMs, deregistrationDelayS, healthIntervalS } from '../account.ts'
import { callsBesideS3, mostReads } from '../calls.ts'
import { growthText } from '../growth/text.ts'
import type { Measured } from './figures.ts'
import { judge, megabyte, number, targetTable, type Row } from './targets.ts'

/** One table a command, one line a size; then the targets, and how cost grows. */
export function tables(rows: readonly Row[], operations: boolean): string {
  const names = [...new Set(rows.map(({ command }) => command))]
  const parts = names.map((name) =>
    table(
      name,
      rows.filter(({ command }) => command === name),
    ),
  )
  if (operations) parts.push(...rows.map(operationsOf))
  return `${[conditions, ...parts, targetTable(judge(rows)), growthText(rows)].join('\n\n')}\n`
}

export const conditions = `Boot ${bootMs / 1_000} s, a health check every ${healthIntervalS} s, drain ${deregistrationDelayS} s; everything else takes AWS's usual time.
The floor is what AWS, the slowest machine and the load balancer took by themselves in the same run.`

const services = { AS: 'autoscaling', ELB: 'elasticloadbalancing', EC2: 'ec2', S3: 's3' } as const

function table(name: string, rows: readonly Row[]): string {
  const times = ['floor', 'ratio']
  const header = [
    'instances',
    'calls beside S3',
    'each',
    ...Object.keys(services),
    'GETs most',
    'record KiB',
    'peak MB',
    'CPU s',
    'switched',
    ...times,
    'ended',
    ...times,
  ]
  return `${name}\n${formatTable(header, rows.map(cells))}`
}

function cells({ instances, calls, usage, times }: Row): string[] {
  const { byService } = calls
  return [
    String(instances),
    String(callsBesideS3(calls)),
    (callsBesideS3(calls) / instances).toFixed(2),
    ...Object.values(services).map((service) => String(byService[service] ?? 0)),
    String(mostReads(calls)),
    number(calls.largestRecordBytes / 1_024),
    number(usage.memoryBytes / megabyte),
    number(usage.cpuMs / 1_000),
    ...timeCells(times.switched),
    ...timeCells(times.ended),
  ]
}

export function timeCells(measured: Measured | null): string[] {
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
