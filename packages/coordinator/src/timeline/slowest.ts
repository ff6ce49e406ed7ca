import { formatBytes } from '@switchover/contract/bytes'
import { formatDuration } from '@switchover/contract/duration'
import { comeUpKinds, type Row, type Section } from './model.ts'
import { slowestOf, spentOn, switchedAt } from './parts.ts'

/** The instance all others waited for, and what it was about longest; null where nobody looked when it mattered. */
export function slowestSentence({ lanes, marks }: Pick<Section, 'lanes' | 'marks'>): string | null {
  const row = slowestOf(lanes, switchedAt(marks) ?? Number.POSITIVE_INFINITY)
  return row === null || spentOn(row, 'unseen') > 0 ? null : sentenceOf(row)
}

function sentenceOf(row: Row): string {
  const [longest] = comeUpKinds
    .map((kind) => ({ kind, ms: spentOn(row, kind) }))
    .toSorted((a, b) => b.ms - a.ms)
  const begun = row.bars[0]?.from ?? 0
  const took = formatDuration((row.servedAt ?? begun) - begun)
  const zone = row.zone === null ? '' : ` in ${row.zone}`
  const size =
    longest?.kind === 'pull' && row.pulledBytes !== null ? ` of ${formatBytes(row.pulledBytes)}` : ''
  return `Slowest: ${row.id}${zone}, ${took} from launch to its first request; its longest phase was ${longest?.kind ?? 'boot'}${size}, ${formatDuration(longest?.ms ?? 0)}.`
}
