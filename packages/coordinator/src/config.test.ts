import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

test.each<[Record<string, string>, boolean | null]>([
  [{}, null],
  [{ NO_COLOR: '1' }, false],
  [{ NO_COLOR: '' }, null],
  [{ TERM: 'dumb' }, false],
  [{ TERM: 'xterm' }, null],
  [{ FORCE_COLOR: '1' }, true],
  [{ FORCE_COLOR: '' }, true],
  [{ FORCE_COLOR: '0' }, false],
  [{ FORCE_COLOR: 'false' }, false],
  [{ FORCE_COLOR: '3', NO_COLOR: '1', TERM: 'dumb' }, true],
])('%j: colour %s', (env, colour) => {
  expect(readConfig(env).colour).toBe(colour)
})

test.each<[Record<string, string>, boolean]>([
  [{ LANG: 'en_US.UTF-8' }, true],
  [{ LANG: 'C' }, false],
  [{}, false],
  [{ LC_ALL: 'C', LANG: 'en_US.UTF-8' }, false],
  [{ LC_ALL: '', LC_CTYPE: 'de_DE.utf8' }, true],
])('%j: signs beyond ASCII %s', (env, unicode) => {
  expect(readConfig(env).unicode).toBe(unicode)
})
