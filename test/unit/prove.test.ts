import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { subjects } from '../prove/commands.ts'
import type { Survived, Undisturbed } from '../prove/killed.ts'
import { optionsOf } from '../prove/options.ts'
import { inEffect, killNamed, nameOf, next, reached, start } from '../prove/place.ts'
import { inOrder, judge, killsOf } from '../prove/proof.ts'
import type { End } from '../prove/scene.ts'
import { header, table } from '../prove/table.ts'

const names = Object.keys(subjects)

const group = { min: 3, max: 6, desired: 3, suspended: [], tags: {}, lifecycles: [] }
const end: End = {
  groups: { 'web-blue': group },
  strays: [],
  lease: null,
  stage: 'parked',
  history: [],
  orphanReports: [],
  healthyTargets: 3,
  scaling: {},
}
const reference: Undisturbed = {
  calls: [
    { change: 0, other: 1, operation: 'DescribeAutoScalingGroups', kind: 'read' },
    { change: 1, other: 0, operation: 'PutObject', kind: 'change' },
  ],
  end,
  least: 3,
}
const kill = { change: 1, other: 0, moment: 'after' } as const
const killedAt = { ...kill, operation: 'PutObject' }
const survived: Survived = { killedAt, end, least: 3, recoveryMs: 2_500 }
const judged = (changed: Partial<Survived>) =>
  judge('deploy', kill, { id: 1, survived: { ...survived, ...changed } }, reference)

describe('a place', () => {
  test('counts changing calls, and the others after the last of them', () => {
    const kinds = ['read', 'read', 'change', 'renewal', 'read', 'change'] as const
    const places = [start]
    for (const kind of kinds) places.push(next(places.at(-1) ?? start, { kind }))
    expect(places.slice(1).map((place) => `${place.change}.${place.other}`)).toEqual([
      '0.1',
      '0.2',
      '1.0',
      '1.1',
      '1.2',
      '2.0',
    ])
  })

  test.each([
    ['12.3:after', { change: 12, other: 3, moment: 'after' }],
    ['0.1:before', { change: 0, other: 1, moment: 'before' }],
    ['0.0:before', null],
    ['12.3', null],
    ['12.3:later', null],
    ['-1.3:after', null],
  ])('%s is read', (text, expected) => {
    const found = killNamed(text)
    expect(found).toEqual(expected)
    if (found) expect(nameOf(found)).toBe(text)
  })

  test.each([
    ['1.0:before', 0],
    ['1.0:after', 1],
    ['1.4:before', 1],
    ['0.4:after', 0],
  ])('%s has %i changes in effect', (text, expected) => {
    const found = killNamed(text)
    expect(found && inEffect(found)).toBe(expected)
  })

  test('that a run has gone past is reached', () => {
    const wanted = { change: 2, other: 3 }
    const at = [
      { change: 2, other: 2 },
      { change: 2, other: 3 },
      { change: 3, other: 0 },
    ]
    expect(at.map((place) => reached(place, wanted))).toEqual([false, true, true])
  })
})

describe('a verdict', () => {
  test('is that nothing is wrong where the ends are alike and enough served', () => {
    expect(judged({})).toMatchObject({ where: '1.0:after PutObject', recoveryMs: 2_500, wrong: null })
  })

  test('names what differs', () => {
    const groups = { 'web-blue': { ...group, min: 0 } }
    expect(judged({ end: { ...end, groups, strays: ['i-1'] } }).wrong).toBe(
      'It ended differently: groups.web-blue.min is 0, not 3; strays is ["i-1"], not [].',
    )
  })

  test('says where too few served, and what failed', () => {
    expect(judged({ least: 2 }).wrong).toBe('2 instances served at one moment, and 3 are required.')
    expect(judge('deploy', kill, { id: 1, failed: 'It exited with 1.' }, reference).wrong).toBe(
      'It exited with 1.',
    )
  })

  test('that is bad is not counted among those resumed alike', () => {
    const bad = judged({ least: 2 })
    const row = table([{ command: 'deploy', undisturbed: reference, places: 4, verdicts: [judged({}), bad] }])
    expect(row.split('\n')[2]?.split(/\s{2,}/)).toEqual([
      'deploy',
      '2',
      '1',
      '4',
      '2',
      '1',
      '3',
      '2',
      '2.5s',
      '1.0:after PutObject',
    ])
  })
})

test('every call is killed at twice, or every changing one', () => {
  expect(killsOf(reference, 'all').map(nameOf)).toEqual([
    '0.1:before',
    '0.1:after',
    '1.0:before',
    '1.0:after',
  ])
  expect(killsOf(reference, 'changing').map(nameOf)).toEqual(['1.0:before', '1.0:after'])
})

test('changing calls come first, and commands by turns', () => {
  const planned = ['deploy', 'finish'].map((command) =>
    killsOf(reference, 'all').map((kill) => ({ command, kill, reference })),
  )
  const order = inOrder(planned).map(({ command, kill }) => `${command} ${nameOf(kill)}`)
  expect(order).toEqual([
    'deploy 1.0:before',
    'finish 1.0:before',
    'deploy 1.0:after',
    'finish 1.0:after',
    'deploy 0.1:before',
    'finish 0.1:before',
    'deploy 0.1:after',
    'finish 0.1:after',
  ])
})

describe('options', () => {
  test('are all commands and all calls where nothing is said', () => {
    expect(optionsOf([], names)).toMatchObject({ commands: names, only: 'all', at: null })
  })

  test('name commands in a list and again', () => {
    const argv = ['--command', 'finish,deploy', '--command', 'promote', '--jobs', '3']
    expect(optionsOf(argv, names)).toMatchObject({ commands: ['deploy', 'promote', 'finish'], jobs: 3 })
  })

  test('name one kill again', () => {
    expect(optionsOf(['--command', 'finish', '--at', '3.0:before'], names)).toMatchObject({
      commands: ['finish'],
      at: { change: 3, other: 0, moment: 'before' },
    })
  })

  test.each([
    [['--foo'], "Unknown option '--foo'."],
    [['deploy'], "Unexpected argument 'deploy'."],
    [['--jobs'], "Option '--jobs <value>' argument missing."],
    [['--jobs', '0'], '--jobs takes a whole number from 1 to 64; it was 0.'],
    [['--minutes', '1.5'], '--minutes takes a whole number from 1 to 1440; it was 1.5.'],
    [['--only', 'reads'], '--only takes all or changing; it was reads.'],
    [['--command', 'undo'], /^There is no command "undo" to kill; there are deploy, .*doctor-fix\.$/],
    [['--at', '1.0:after'], '--at is a place in one command: name it with --command.'],
    [['--at', '7', '--command', 'deploy'], '--at takes a place such as 12.3:after or 4.0:before; it was 7.'],
  ])('%j are refused in one sentence', (argv, sentence) => {
    expect(() => optionsOf(argv, names)).toThrow(sentence)
  })
})

test('the table in docs/proof.md has a line for every command, and nothing in it went wrong', async () => {
  const text = await readFile(new URL('../../docs/proof.md', import.meta.url), 'utf8')
  const lines = text.split('\n').map((line) => line.split(/\s{2,}/).map((cell) => cell.trim()))
  const from = lines.findIndex(([first]) => first === header[0])
  expect(lines[from]).toEqual(header)
  const rows = lines.slice(from + 2, from + 2 + names.length)
  expect(rows.map(([name = '']) => name).toSorted()).toEqual(names.toSorted())
  for (const row of rows) {
    const cell = (title: string) => Number(row[header.indexOf(title)])
    expect(cell('kills')).toBeGreaterThan(0)
    expect(cell('resumed alike')).toBe(cell('kills'))
    expect(cell('served at least')).toBeGreaterThanOrEqual(cell('required'))
  }
})
