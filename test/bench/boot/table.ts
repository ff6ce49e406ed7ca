import { formatTable } from '@switchover/rehearsal/table'
import { median } from '../median.ts'
import { contestants, type BootTimes, type Contestant } from './measure.ts'

const what: Readonly<Record<Contestant, string>> = {
  floor: 'docker pull, tag, compose up',
  agent: 'start of the agent until ready',
  script: 'a script with the AWS CLI',
}

const agentMostMs = 500
const scriptLeastRatio = 5

/** The median of each, what it took beyond the floor, and the two targets. */
export function bootTable(times: BootTimes): string {
  const rows = contestants.map((name) => [
    what[name],
    `${Math.round(median(times[name]))}ms`,
    name === 'floor' ? '–' : `${Math.round(beyondFloor(times, name))}ms`,
    times[name].map((ms) => Math.round(ms)).join(' '),
  ])
  const targets = bootTargets(times).map(({ met, sentence }) => `${met ? 'met' : 'MISSED'}  ${sentence}`)
  return [
    `From nothing to the running example service on one container machine, medians of ${times.floor.length} rounds`,
    formatTable(['what', 'took', 'beyond the floor', 'each, ms'], rows),
    '',
    ...targets,
    '',
  ].join('\n')
}

export function bootTargets(times: BootTimes): { met: boolean; sentence: string }[] {
  const agent = beyondFloor(times, 'agent')
  const ratio = beyondFloor(times, 'script') / agent
  return [
    {
      met: agent <= agentMostMs,
      sentence: `the agent adds ${Math.round(agent)} ms to the floor, at most ${agentMostMs}`,
    },
    {
      met: ratio >= scriptLeastRatio,
      sentence: `the script adds ${ratio.toFixed(1)} times what the agent adds, at least ${scriptLeastRatio}`,
    },
  ]
}

function beyondFloor(times: BootTimes, name: Contestant): number {
  return median(times[name]) - median(times.floor)
}
