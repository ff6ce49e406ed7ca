import { expect, test } from 'vitest'
import { row } from './row.fixture.ts'
import { judge, number, targetTable, type Row } from './targets.ts'

const missed = (one: Row) =>
  judge([one])
    .filter(({ met }) => !met)
    .map(({ value, most, what }) => `${number(value)} > ${most} ${what}`)

test.each([
  [row('deploy', 4), []],
  [row('deploy', 4, { switched: [42.1, 40] }), ['1.06 > 1.05 times boot + health check until switched']],
  [row('deploy again', 400, { switched: [48, 40] }), []],
  [row('deploy', 400, { switched: [48.1, 40] }), ['1.21 > 1.2 times boot + health check until switched']],
  [row('rollback', 400, { switched: [13, 10] }), []],
  [
    row('finish', 400, { switched: null, calls: { autoscaling: 200, ec2: 101, s3: 5_000 } }),
    ['301 > 300 calls beside S3'],
  ],
  [row('finish', 1000, { switched: null, megabytes: 150.4 }), ['151 > 150 MB of memory at most']],
])('%#', (one, sentences) => {
  expect(missed(one)).toEqual(sentences)
})

test('nothing but memory is asked of a thousand instances', () => {
  const large = row('deploy', 1_000, { switched: [80, 40], calls: { autoscaling: 900 } })
  expect(judge([large]).map(({ what }) => what)).toEqual(['MB of memory at most'])
})

test.each([
  [1.0501, '1.06'],
  [1.05, '1.05'],
  [3, '3'],
  [31.41, '31.5'],
  [150.01, '151'],
])('%f is printed as %s, so that it tells on which side of its bound it is', (value, text) => {
  expect(number(value)).toBe(text)
})

test('the table says of each target whether it was met', () => {
  const lines = targetTable(judge([row('rollback', 4, { switched: [15, 10] })])).split('\n')
  expect(lines.slice(2).map((line) => line.split(/\s{2,}/).slice(0, 2))).toEqual([
    ['MISSED', 'rollback, 4 instances'],
    ['met', 'rollback, 4 instances'],
    ['met', 'rollback, 4 instances'],
  ])
})
