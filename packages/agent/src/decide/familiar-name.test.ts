import { expect, test } from 'vitest'
import { familiarName } from './familiar-name.ts'

const digest = `sha256:${'1'.repeat(64)}`

test.each([
  ['redis:7', 'redis:7'],
  ['library/redis', 'redis'],
  ['docker.io/library/redis:7', 'redis:7'],
  ['index.docker.io/shop/web:live', 'shop/web:live'],
  ['library/shop/web', 'library/shop/web'],
  ['registry.example:5000/library/web:v1', 'registry.example:5000/library/web:v1'],
  ['mydocker.io/web', 'mydocker.io/web'],
  [`redis@${digest}`, `redis@${digest}`],
  [`registry.example:5000/web:v1@${digest}`, `registry.example:5000/web@${digest}`],
])('%s is known as %s', (reference, name) => {
  expect(familiarName(reference)).toBe(name)
})
