import { formatTable } from '@switchover/rehearsal/table'
import { median } from '../median.ts'
import { moments, type Detection, type Moment } from './measure.ts'

/** Beside the wait for a look, what the look itself takes. Milliseconds. */
const lookMs = 1_000

/** From each moment to the step that answers it, against the pace of looks at that time; and the target. */
export function detectionTable(found: readonly Detection[]): string {
  const rows = kindsOf(found).map(({ moment, of }) => [
    moments[moment],
    String(of.length),
    ...[
      median(of.map(({ ms }) => ms)),
      Math.max(...of.map(({ ms }) => ms)),
      median(of.map(({ paceMs }) => paceMs)),
    ].map(seconds),
  ])
  return [
    'From what happens to the step that answers it',
    formatTable(['what happens', 'times', 'median', 'at most', 'a look every'], rows),
    '',
    ...detectionTargets(found).map(({ met, sentence }) => `${met ? 'met' : 'MISSED'}  ${sentence}`),
    '',
  ].join('\n')
}

/** Nothing is seen before the next look, and everything in it. */
export function detectionTargets(found: readonly Detection[]): { met: boolean; sentence: string }[] {
  return kindsOf(found).map(({ moment, of }) => {
    const late = Math.max(0, ...of.map(({ ms, paceMs }) => ms - paceMs))
    const sentence = `${moments[moment]}: the answer came at most ${seconds(late)} after the next look was due, at most ${seconds(lookMs)} is wanted`
    return { met: late <= lookMs, sentence }
  })
}

function kindsOf(found: readonly Detection[]): { moment: Moment; of: readonly Detection[] }[] {
  return (Object.keys(moments) as Moment[])
    .map((moment) => ({ moment, of: found.filter((one) => one.moment === moment) }))
    .filter(({ of }) => of.length > 0)
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)}s`
}
