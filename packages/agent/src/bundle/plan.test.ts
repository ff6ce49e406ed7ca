import { describe, expect, test } from 'vitest'
import { planOf } from './plan.ts'

const a = `sha256:${'a'.repeat(64)}`
const b = `sha256:${'b'.repeat(64)}`
const file = `
services:
  web:
    image: registry.example/web:live
  job:
    image: registry.example/web:live
    profiles: [tools]
  cache:
    image: redis:7
  proxy:
    image: registry.example/proxy@${b}
x-switchover:
  port: 9000
`
const plan = (text: string, digests: Record<string, string>, lock: Record<string, string> = {}) =>
  planOf('/b', '/b/compose.yaml', text, lock, { version: 'v1', digests })

describe('what a bundle asks for', () => {
  test('pinned images by digest, sidecars by the lock, default services', () => {
    expect(plan(file, { '': a }, { 'redis:7': b })).toMatchObject({
      settings: { port: 9_000 },
      pinned: [
        { service: 'web', source: `registry.example/web@${a}`, digest: a },
        { service: 'job', source: `registry.example/web@${a}`, digest: a },
      ],
      sidecars: [
        { service: 'cache', image: 'redis:7', source: `redis@${b}` },
        { service: 'proxy', image: `registry.example/proxy@${b}`, source: `registry.example/proxy@${b}` },
      ],
      services: ['web', 'cache', 'proxy'],
    })
  })

  test('without a digest the version is pulled by its tag', () => {
    expect(plan(file, {}).pinned[0]).toMatchObject({ source: 'registry.example/web:v1', digest: null })
  })

  test.each<[string, string, Record<string, string>, string]>([
    ['no pinned image', 'services: { web: { image: redis:7 } }', {}, 'bad-compose-file'],
    ['no YAML', 'services: [', {}, 'bad-compose-file'],
    [
      'asks without a pause',
      `${file}  health: { url: "http://localhost/", interval: 0s }`,
      {},
      'bad-compose-file',
    ],
    [
      'waits longer than its watchdog does',
      `${file}  health: { url: "http://localhost/", timeout: 5m }`,
      {},
      'bad-compose-file',
    ],
    [
      'starts nothing that is pinned',
      'services: { web: { image: "x/web:live", profiles: [tools] }, cache: { image: redis:7 } }',
      {},
      'bad-compose-file',
    ],
    ['two digests for one name', file, { web: a, job: b }, 'digest-conflict'],
  ])('%s is terminal', (_, text, digests, code) => {
    expect(() => plan(text, digests)).toThrow(
      expect.objectContaining({ reason: expect.objectContaining({ code, kind: 'terminal' }) }),
    )
  })
})
