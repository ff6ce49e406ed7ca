import { expect, test } from 'vitest'
import type { RowMeta } from './row.ts'
import { summary } from './summary.ts'

const row = (operation: string, more: Partial<RowMeta> = {}): RowMeta => ({
  service: 'Auto Scaling',
  operation,
  status: 'documented',
  ...more,
})

test('counts what the rows of each operation stand on', () => {
  const rows = [
    row('ExitStandby', { status: 'trace' }),
    row('EnterStandby'),
    row('EnterStandby', { status: 'model', local: 'It takes a year.' }),
  ]
  expect(summary(rows).split('\n')).toEqual([
    'Conformance rows            documented  model  trace  assumed  local only',
    'Auto Scaling  EnterStandby           1      1      0        0           1',
    'Auto Scaling  ExitStandby            0      0      1        0           0',
    'all                                  1      1      1        0           1',
  ])
})

test('quotes an account that did something other than what was assumed', () => {
  const assumed = row('DeleteTags', { status: 'assumed', here: 'deleted' })
  const lines = summary([
    { ...assumed, seen: 'deleted' },
    { ...assumed, seen: 'kept' },
    { ...assumed, operation: 'EnterStandby' },
  ]).split('\n')
  expect(lines.slice(4)).toEqual(['DeleteTags: assumed "deleted", the account did "kept"'])
})
