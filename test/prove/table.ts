import { formatTable } from '@switchover/rehearsal/table'
import { leaseMs } from './scene.ts'
import { subjectNamed, type Undisturbed } from './killed.ts'
import type { Verdict } from './proof.ts'

export const header = [
  'command',
  'calls',
  'changing',
  'places',
  'kills',
  'resumed alike',
  'required',
  'served at least',
  'longest recovery',
  'when killed at',
]

export type Proved = Readonly<{
  command: string
  undisturbed: Undisturbed
  places: number
  verdicts: readonly Verdict[]
}>

export function table(proved: readonly Proved[]): string {
  const rows = proved.map(rowOf)
  const sum = (column: number): string => String(rows.reduce((total, row) => total + Number(row[column]), 0))
  if (rows.length > 1) rows.push(['all', ...[1, 2, 3, 4, 5].map(sum), '–', '–', '–', '–'])
  return `${formatTable(header, rows)}\n`
}

/** @returns a cell a column of `header` */
function rowOf({ command, undisturbed: { calls }, places, verdicts }: Proved): string[] {
  const kills = verdicts.filter(({ where }) => where !== null)
  const whole = kills.filter(({ wrong }) => wrong === null)
  const least = kills.flatMap((verdict) => verdict.least ?? [])
  const [longest] = whole.toSorted((a, b) => b.recoveryMs - a.recoveryMs)
  return [
    command,
    String(calls.length),
    String(calls.filter(({ kind }) => kind === 'change').length),
    String(places),
    String(kills.length),
    String(whole.length),
    String(subjectNamed(command).instances),
    least.length === 0 ? '–' : String(Math.min(...least)),
    longest ? `${(longest.recoveryMs / 1_000).toFixed(1)}s` : '–',
    longest?.where ?? '–',
  ]
}

export const explanation = `Calls: those of a run that nobody killed, reads and the renewals of its lease included; each has two places to be killed at.
Recovery: from the death to the end of what went on, a lease of ${leaseMs / 1_000} s that has to run out included.
`
