import { execaSync } from 'execa'
import { expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import { documents, read } from '../support/documents.ts'

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
