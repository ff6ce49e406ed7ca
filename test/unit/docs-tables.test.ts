import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { recordSchema } from '@switchover/contract/deployment'
import { reportSchema } from '@switchover/contract/report'
import { traceSchema } from '@switchover/contract/trace'
import { quoted, read, root, rowsOf } from '../support/documents.ts'
import { pathsOf } from '../support/schema-paths.ts'

type Policy = { Statement: { Action: string | string[] }[] }

test.each([
  ["The coordinator's role", 'coordinator-role'],
  ["The instances' role", 'instance-role'],
])('docs/iam.md: %s has a row for each action and no other', (heading, file) => {
  const policy = JSON.parse(read(`bootstrap/iam/${file}.json`)) as Policy
  const actions = new Set(policy.Statement.flatMap(({ Action }) => Action))
  const rows = rowsOf(read('docs/iam.md'), heading).flatMap(([cell = '']) => quoted(cell))
  expect(rows.toSorted()).toEqual([...actions].toSorted())
})

/** What the text says is as something else. */
const alike = [/^deployment\.new\./, /^deployment\.scaling\.new\./, /^deployment\.scaling\.old\.written\./]

test.each([
  ['The record', recordSchema],
  ["An agent's report", reportSchema],
  ['A trace', traceSchema],
])('docs/record.md: %s has a row for each field and no other', (heading, schema) => {
  const fields = pathsOf(schema).filter((path) => !alike.some((pattern) => pattern.test(path)))
  const rows = rowsOf(read('docs/record.md'), heading).flatMap(([cell = '']) => quoted(cell))
  expect(rows.map((row) => row.replace(/\.\*$/, ''))).toEqual(fields)
})

const sources = globSync('packages/{agent,coordinator,contract}/src/**/*.ts', { cwd: root })
  .filter((path) => !/\.(test|fixture)\.ts$/.test(path))
  .map((path) => ({ path, text: readFileSync(`${root}${path}`, 'utf8').replaceAll(/\s+/g, ' ') }))

/** Messages quoted in the first cell of a row: sentences, not commands. */
const messages = ['docs/troubleshooting.md', 'docs/rollback.md'].flatMap((path) =>
  rowsOf(read(path)).flatMap(([cell = '']) =>
    quoted(cell)
      .filter((text) => /[ …]/.test(text) && !text.startsWith('switchover '))
      .map((text) => [path, text] as const),
  ),
)

test('messages are found in the documents', () => {
  expect(messages.length).toBeGreaterThan(40)
})

/** The words of a message in their order; where it has a name or a number, the sources have a place to fill. */
function patternOf(message: string): RegExp {
  const pieces = message
    .replaceAll(/\bweb\b/g, '…')
    .split('…')
    .map((piece) => piece.trim())
    .filter((piece) => /[a-z]{2}/i.test(piece))
  return new RegExp(pieces.map((piece) => RegExp.escape(piece)).join('.{1,150}?'))
}

test.each(messages)('%s: "%s" is what the product says', (_, message) => {
  const pattern = patternOf(message)
  expect(
    sources.some(({ text }) => pattern.test(text)),
    String(pattern),
  ).toBe(true)
})
