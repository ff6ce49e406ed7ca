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

test('a rollback is judged with and without what Auto Scaling took of it', () => {
  const late = row('rollback', 400, { switched: [17, 10] })
  const { switched } = late.times
  const of = (reactionMs: number) =>
    missed({ ...late, times: { ...late.times, switched: switched && { ...switched, reactionMs } } })
  expect(of(4_000)).toEqual(['7 > 3 s until switched beyond the health check'])
  expect(of(3_500)).toEqual([
    '7 > 3 s until switched beyond the health check',
    '3.50 > 3 s of these, without what Auto Scaling took to act on desired 0',
  ])
})

test('the table says of each target whether it was met', () => {
  const lines = targetTable(judge([row('rollback', 4, { switched: [15, 10] })])).split('\n')
  expect(lines.slice(2).map((line) => line.split(/\s{2,}/).slice(0, 2))).toEqual([
    ['MISSED', 'rollback, 4 instances'],
    ['MISSED', 'rollback, 4 instances'],
    ['met', 'rollback, 4 instances'],
    ['met', 'rollback, 4 instances'],
  ])
})
