import type { Trace } from '@switchover/contract/trace'
import { describe, expect, test } from 'vitest'
import { emptyTrace } from './fixture.ts'
import { grouped, runsOf } from './runs.ts'

const minute = 60_000

function trace(owner: string, from: number, to: number, rest: string, goal: Trace['goal'] = 'deploy'): Trace {
  return emptyTrace({ owner, goal, from: from * minute, to: to * minute, rest })
}

const line = (owner: string, at: number, text = 'size: because') => ({ owner, at: at * minute, text })

describe('who was at work when', () => {
  test('is told by traces, and by the journal for those that left none', () => {
    const journal = [line('a', 1), line('a', 2), line('b', 5), line('b', 9, 'settle: done')]
    const runs = runsOf(journal, [trace('b', 4, 8, 'parked')])
    expect(
      runs.map(({ from, to, trace, lines }) => [
        from / minute,
        to / minute,
        trace?.owner ?? null,
        lines.length,
      ]),
    ).toEqual([
      [1, 2, null, 2],
      // The last line is written after the last look.
      [4, 9, 'b', 2],
    ])
  })

  test('tells two runs of one process apart', () => {
    const journal = [line('a', 2, 'settle: done'), line('a', 21)]
    const runs = runsOf(journal, [trace('a', 1, 2, 'parked'), trace('a', 20, 22, 'finished', 'finish')])
    expect(runs.map(({ lines }) => lines.length)).toEqual([1, 1])
  })

  test('and does not take what the second did for the first’s, where only that one left a trace', () => {
    const journal = [line('a', 1), line('a', 3), line('a', 4), line('a', 5)]
    const runs = runsOf(journal, [trace('a', 0, 2, 'stopped')])
    expect(runs.map(({ to, trace, lines }) => [to / minute, trace?.rest ?? null, lines.length])).toEqual([
      [3, 'stopped', 2],
      [5, null, 2],
    ])
  })
})

/** Of each section its goal, and how many runs are in it. */
function names(traces: Trace[], journal: ReturnType<typeof line>[] = []) {
  return grouped(runsOf(journal, traces), 'finish').map(({ goal, runs }) => [goal, runs.length])
}

describe('what shares an axis', () => {
  test.each<[string, Trace[], [string, number][]]>([
    [
      'a run that came to rest ends its section',
      [trace('a', 0, 5, 'parked'), trace('b', 6, 7, 'finished', 'finish')],
      [
        ['deploy', 1],
        ['finish', 1],
      ],
    ],
    [
      'one that was stopped goes on in the next',
      [trace('a', 0, 5, 'stopped'), trace('b', 6, 7, 'parked')],
      [['deploy', 2]],
    ],
    [
      'one that was stopped in order to go back ends there: what switches then is the way back',
      [trace('a', 0, 5, 'stopped'), trace('a', 5, 7, 'rolled-back', 'rollback')],
      [
        ['deploy', 1],
        ['rollback', 1],
      ],
    ],
    [
      'unless that is long after',
      [trace('a', 0, 5, 'stopped'), trace('b', 25, 30, 'parked')],
      [
        ['deploy', 1],
        ['deploy', 1],
      ],
    ],
  ])('%s', (_, traces, sections) => {
    expect(names(traces)).toEqual(sections)
  })

  test('a killed run goes on in the next, and ends by its journal where it came to rest', () => {
    const killed = [line('a', 1)]
    expect(names([trace('b', 3, 5, 'parked')], killed)).toEqual([['deploy', 2]])
    const settled = [line('a', 1, 'settle: done')]
    expect(names([trace('b', 3, 5, 'finished', 'finish')], settled)).toEqual([
      ['deploy', 1],
      ['finish', 1],
    ])
  })
})
