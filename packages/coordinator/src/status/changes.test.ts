import { expect, test } from 'vitest'
import { changedLines } from './changes.ts'

test.each<[string, string, string, string[]]>([
  ['nothing', 'a  b', 'a  b', []],
  ['a line', 'a\nb', 'a\nc', ['c']],
  [
    'the width of a column alone is none',
    'i-1  Pending   x',
    'i-1  Pending:Wait   x',
    ['i-1  Pending:Wait   x'],
  ],
  ['blanks are none', 'i-1  InService  x', 'i-1  InService     x', []],
  ['a renewed lease is none', 'lease held by me 1 until 12:00:00', 'lease held by me 1 until 12:00:10', []],
  [
    'another holder',
    'lease held by me 1 until 12:00:00',
    'nobody holds the lease',
    ['nobody holds the lease'],
  ],
])('%s', (_, before, after, changed) => {
  expect(changedLines(before, after)).toEqual(changed)
})
