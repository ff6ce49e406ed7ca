import { expect, test } from 'vitest'
import { readManifest } from './image-manifest.ts'

const layer = (letter: string, size: number) => ({ digest: `sha256:${letter.repeat(64)}`, size })
const row = (architecture: string, os = 'linux') => ({
  digest: `sha256:${architecture}`,
  platform: { architecture, os },
})

test.each<[string, unknown, unknown]>([
  [
    'an image',
    { schemaVersion: 2, config: {}, layers: [layer('a', 10), layer('b', 20)] },
    {
      kind: 'layers',
      sizes: new Map([
        ['a'.repeat(12), 10],
        ['b'.repeat(12), 20],
      ]),
    },
  ],
  ['an index', { manifests: [row('amd64'), row('arm64')] }, { kind: 'elsewhere', digest: 'sha256:arm64' }],
  ['an index of another system', { manifests: [row('arm64', 'windows')] }, null],
  ['attestations alone', { manifests: [row('unknown', 'unknown'), { digest: 'sha256:x' }] }, null],
  ['layers without sizes', { layers: [{ digest: 'sha256:a' }] }, null],
  ['nothing', null, null],
])('%s', (_, value, expected) => {
  expect(readManifest(value, 'arm64')).toEqual(expected)
})
