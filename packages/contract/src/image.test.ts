import { describe, expect, test } from 'vitest'
import { isPinned, isVersion, parseImage } from './image.ts'

const digest = `sha256:${'a'.repeat(64)}`

describe('parts of an image reference', () => {
  test.each([
    ['web', { registry: null, path: 'web', repository: 'web', tag: null, digest: null }],
    ['team/web:v1', { registry: null, path: 'team/web', repository: 'team/web', tag: 'v1', digest: null }],
    [
      'localhost/web:v1',
      { registry: 'localhost', path: 'web', repository: 'localhost/web', tag: 'v1', digest: null },
    ],
    [
      '127.0.0.1:5000/web',
      { registry: '127.0.0.1:5000', path: 'web', repository: '127.0.0.1:5000/web', tag: null, digest: null },
    ],
    [
      `r.example/a/b:v1@${digest}`,
      { registry: 'r.example', path: 'a/b', repository: 'r.example/a/b', tag: 'v1', digest },
    ],
  ])('%s', (text, parts) => {
    expect(parseImage(text)).toEqual(parts)
  })

  test.each(['', 'Web:v1', 'web:', 'web@sha256:short', 'web:v 1', 'r.example/', '-web'])(
    '"%s" is refused',
    (text) => {
      expect(() => parseImage(text)).toThrow(`"${text}" is not an image reference.`)
    },
  )
})

test.each([
  ['r.example/web:live', true],
  ['r.example/web:v1', false],
  ['r.example/web', false],
  [`r.example/web:live@${digest}`, false],
])('%s pinned: %s', (text, pinned) => {
  expect(isPinned(parseImage(text))).toBe(pinned)
})

test.each([
  ['v42', true],
  ['2026.11_rc-1', true],
  ['', false],
  ['.v1', false],
  ['v1/2', false],
  ['x'.repeat(129), false],
])('version "%s" legal: %s', (text, legal) => {
  expect(isVersion(text)).toBe(legal)
})
