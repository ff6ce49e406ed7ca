import { execaSync } from 'execa'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import { documents, read, root } from '../support/documents.ts'

/** Blocks of a language in what people read, to be taken over as they are. */
const blocks = (language: string) =>
  documents.flatMap((path) =>
    [...read(path).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
      .filter(([, name]) => name === language)
      .map(([, , block = '']) => [path, block] as const),
  )

test.each(blocks('json'))('%s: JSON is JSON', (_, block) => {
  expect(() => JSON.parse(block) as unknown).not.toThrow()
})

test.each(blocks('yaml'))('%s: YAML is YAML', (_, block) => {
  expect(parseDocument(block).errors).toEqual([])
})

test.each(blocks('bash'))('%s: a script that bash can read', (_, block) => {
  expect(execaSync('bash', ['-n'], { input: block, reject: false }).stderr).toBe('')
})

/** The line over a rule, of each table that is shown as a program prints it. */
const heads = documents.flatMap((path) =>
  [...read(path).matchAll(/^(.+)\n─[─ ]+$/gm)].map(([, head = '']) => [path, head] as const),
)

const sources = globSync('{test,packages/rehearsal/src}/**/*.ts', { cwd: root })
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .join('\n')

test.each(heads)('%s: a program prints the columns of %s', (_, head) => {
  for (const column of head.trim().split(/ {2,}/))
    expect(sources).toMatch(new RegExp(`'${RegExp.escape(column)}'|\\b${RegExp.escape(column)}:`))
})
