import { formatTable } from '@switchover/rehearsal/table'
import { median } from '../median.ts'
import type { AgentFigures } from './measure.ts'

const startMostMs = 120
const idleMostBytes = 100e6

/** What was measured, and the two targets. */
export function agentTable(figures: AgentFigures): string {
  const { emptyMs, firstRequestMs, idleBytes } = figures
  const rows = [
    ['an empty program, start to end', `${Math.round(fastest(emptyMs))}ms`, whole(emptyMs, 1)],
    [
      'the agent, start to first request',
      `${Math.round(fastest(firstRequestMs))}ms`,
      whole(firstRequestMs, 1),
    ],
    ['memory of an idle agent', `${Math.round(median(idleBytes) / 1e6)}MB`, whole(idleBytes, 1e6)],
  ]
  const targets = agentTargets(figures).map(({ met, sentence }) => `${met ? 'met' : 'MISSED'}  ${sentence}`)
  return [
    `The agent as it ships: the fastest of ${emptyMs.length} starts, and the median of its memory`,
    formatTable(['what', 'is', 'each'], rows),
    '',
    ...targets,
    '',
  ].join('\n')
}

/** What else the machine does only ever adds to a start. */
function fastest(values: readonly number[]): number {
  return Math.min(...values)
}

function whole(values: readonly number[], unit: number): string {
  return values.map((value) => Math.round(value / unit)).join(' ')
}

export function agentTargets({ emptyMs, firstRequestMs, idleBytes }: AgentFigures) {
  const startMs = fastest(firstRequestMs) - fastest(emptyMs)
  const bytes = median(idleBytes)
  return [
    {
      met: startMs <= startMostMs,
      sentence: `the agent asks the metadata service ${Math.round(startMs)} ms later than an empty program ends, at most ${startMostMs}`,
    },
    {
      met: bytes <= idleMostBytes,
      sentence: `an idle agent takes ${Math.round(bytes / 1e6)} MB, at most ${idleMostBytes / 1e6}`,
    },
  ]
}
