import { expect, test } from 'vitest'
import { generatePlan } from '../generate.ts'
import { lengths } from './fate.ts'

const commands = Array.from({ length: 3_000 }, (_, seed) => generatePlan(seed)).flatMap(
  ({ story, others, heirs }) => [
    ...[...story, ...others].map(({ command, fate }) => ({ kind: command.kind, fate })),
    ...heirs.map((fate) => ({ kind: 'resume' as const, fate })),
  ],
)

test.each(Object.entries(lengths))('%s is killed in every tenth of its way', (name, { calls }) => {
  const deaths = commands.flatMap(({ kind, fate }) =>
    kind === name && fate.killed ? [fate.killed.call] : [],
  )
  const tenths = new Set(deaths.map((call) => Math.ceil((10 * call) / calls)))
  expect([...tenths].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
})
