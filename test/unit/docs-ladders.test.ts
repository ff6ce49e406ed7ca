import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { renderPage } from '../../docs/render/ladders.ts'

test('docs/how-it-works.md has the ladders of the code, as "npm run render:ladders" writes them', () => {
  expect(readFileSync(new URL('../../docs/how-it-works.md', import.meta.url), 'utf8')).toBe(renderPage())
})
