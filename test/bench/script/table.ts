import { formatTable } from '@switchover/rehearsal/table'
import { callsBesideS3 } from '../calls.ts'
import { conditions, timeCells } from '../fleet/tables.ts'
import { megabyte, number, type Figures } from '../fleet/targets.ts'
import type { Contest } from './measure.ts'

const measures = [
  ({ calls }: Figures) => callsBesideS3(calls),
  ({ usage }: Figures) => usage.cpuMs / 1_000,
  ({ usage }: Figures) => usage.memoryBytes / megabyte,
] as const

/** Three lines a fleet: both, and how many times as much the script took. */
export function contestTable(contests: readonly Contest[]): string {
  const times = ['floor', 'ratio']
  const header = [
    'instances',
    'deploy by',
    'calls beside S3',
    'CPU s',
    'peak MB',
    'switched',
    ...times,
    'ended',
    ...times,
  ]
  const rows = contests.flatMap(({ switchover, script }) => [
    [String(switchover.instances), 'switchover', ...cells(switchover)],
    [String(script.instances), 'the script', ...cells(script)],
    ['', 'script ÷ switchover', ...quotients(script, switchover)],
  ])
  return `A deployment by Switchover, and by a shell script with the AWS CLI (test/bench/script/deploy.sh)\n${conditions}\n\n${formatTable(header, rows)}\n\n`
}

function cells(figures: Figures): string[] {
  const { switched, ended } = figures.times
  return [...measures.map((of) => number(of(figures))), ...timeCells(switched), ...timeCells(ended)]
}

function quotients(script: Figures, switchover: Figures): string[] {
  const quotient = (of: (figures: Figures) => number) => `${(of(script) / of(switchover)).toFixed(2)}×`
  return [
    ...measures.map(quotient),
    quotient(({ times }) => times.switched?.ms ?? Number.NaN),
    '',
    '',
    quotient(({ times }) => times.ended.ms),
    '',
    '',
  ]
}
