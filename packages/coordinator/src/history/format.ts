import { formatDuration } from '@switchover/contract/duration'
import { columns } from '../columns.ts'
import { outcomeWords, type PastDeployment } from './entry.ts'
import type { History } from './read.ts'

const heads = ['ENDED', 'ID', 'FROM', 'TO', 'OUTCOME', 'SWITCHED AFTER', 'OPEN FOR']

/** The table of ended deployments, newest first, a failure under its row; empty where there are none. */
export function formatHistory({ deployments, older, counted }: History): string {
  if (deployments.length === 0) return ''
  const [head = '', ...rows] = columns([heads, ...deployments.map(cellsOf)])
  const lines = rows.flatMap((row, index) => {
    const failure = deployments[index]?.failure
    return failure ? [row, `  ${failure}`] : [row]
  })
  const more = older === 0 ? [] : [`${counted ? older : `At least ${older}`} older ones are in the store.`]
  return `${[head, ...lines, ...more].join('\n')}\n`
}

function cellsOf(past: PastDeployment): string[] {
  return [
    past.endedAt.replace(/\.\d+Z$/, 'Z'),
    past.id,
    past.previousVersion ?? '–',
    past.version,
    outcomeWords[past.outcome],
    past.switchedMs === null ? '–' : formatDuration(past.switchedMs),
    formatDuration(past.openMs),
  ]
}
