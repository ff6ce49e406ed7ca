import { expect, test } from 'vitest'
import { row } from '../fleet/row.fixture.ts'
import { cpuOf } from './process.ts'
import { contestTable } from './table.ts'

test('the script is compared with Switchover, figure by figure', () => {
  const switchover = row('deploy', 40, { calls: { autoscaling: 100, s3: 900 }, megabytes: 120 })
  const script = row('deploy', 40, { calls: { autoscaling: 50 }, megabytes: 180, switched: [82, 40] })
  const lines = contestTable([{ switchover, script }]).trimEnd().split('\n')
  expect(lines.slice(-3).map((line) => line.trim().split(/\s{2,}/))).toEqual([
    ['40', 'switchover', '100', '1.50', '120', '41.0s', '40.0s', '1.02', '52.0s', '50.0s', '1.04'],
    ['40', 'the script', '50', '1.50', '180', '82.0s', '40.0s', '2.05', '52.0s', '50.0s', '1.04'],
    ['script ÷ switchover', '0.50×', '1.00×', '1.50×', '2.00×', '1.00×'],
  ])
})

test('processor time is that of the shell and of all it waited for', () => {
  expect(cpuOf('0m0.010s 0m0.005s\n1m2.500s 0m3.485s\n')).toBe(66_000)
  expect(() => cpuOf('')).toThrow('"times" printed something else')
})
