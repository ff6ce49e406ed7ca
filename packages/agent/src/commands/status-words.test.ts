import { describe, expect, test } from 'vitest'
import type { StatusAnswer } from '../status-answer.ts'
import { statusWords } from './status-words.ts'

const now = Date.parse('2026-01-01T01:00:00Z')
const digest = `sha256:${'a'.repeat(64)}`
const ready: StatusAnswer = {
  instanceId: 'i-0123456789abcdef0',
  ready: true,
  group: 'web-green',
  service: 'web',
  deployment: 'd1',
  phase: 'ready',
  since: '2026-01-01T00:55:30.000Z',
  writtenAt: '2026-01-01T01:00:00.000Z',
  version: 'v42',
  bundle: '0123456789ab',
  images: [{ service: 'web', repository: 'registry.example/web', digest, imageId: 'sha256:1' }],
  reason: null,
  logs: [],
  timings: { booting: 100, pulling: 12_000 },
  agent: '0.1.0',
  work: null,
  lastError: null,
}
const reason = {
  code: 'pull-failed',
  sentence: 'Pulling web failed: connection refused.',
  kind: 'retryable',
} as const
const pulling: StatusAnswer = {
  ...ready,
  ready: false,
  phase: 'pulling',
  images: [],
  reason,
  lastError: { ...reason, at: '2026-01-01T00:59:58.000Z' },
  work: {
    step: 'pull-pinned',
    image: 'registry.example/web@sha256:1',
    runs: false,
    at: '2026-01-01T01:00:11.200Z',
    failures: 3,
  },
}

describe('the status in words', () => {
  test('says that all is well', () => {
    expect(statusWords(ready, now)).toEqual([
      'i-0123456789abcdef0 is ready: /readyz answers 200.',
      '  wanted      web v42, bundle 0123456789ab, as group web-green says',
      '  actual      ready for 4m30s: its app is up and healthy',
      `  image       web runs registry.example/web@${digest}, proven`,
      '  blocks      nothing',
      '  last error  none',
      '  next        looks at its app again and again',
      '  agent       0.1.0; booting 0.1s, pulling 12s',
    ])
  })

  test('says what blocks, and when it is tried again', () => {
    const words = statusWords(pulling, now).join('\n')
    expect(words).toContain('is not ready: /readyz answers 503, the load balancer sends it nothing.')
    expect(words).toContain('none is proven to run yet')
    expect(words).toContain('  blocks      Pulling web failed: connection refused.')
    expect(words).toContain('  last error  2.0s ago: Pulling web failed')
    expect(words).toContain('in 12 s: pull registry.example/web@sha256:1, after 3 failures in a row')
  })

  test.each<[string, Partial<StatusAnswer>, string]>([
    [
      'what is under way',
      { work: { ...pulling.work!, runs: true, at: '2026-01-01T00:59:30.000Z' } },
      'under way for 30s: pull',
    ],
    ['what is due', { work: { ...pulling.work!, at: '2026-01-01T00:59:30.000Z' } }, 'now: pull'],
    [
      'that nothing but time is missing',
      { phase: 'verifying', reason: null, work: null },
      'nothing but time',
    ],
    [
      'that what is given up is asked again',
      {
        phase: 'failed',
        work: { step: 'identify', image: null, runs: false, at: '2026-01-01T01:00:05Z', failures: 4 },
      },
      'in 5 s: ask the metadata service for the identity document, after 4 failures in a row',
    ],
    ['that it is given up', { phase: 'failed', work: null }, 'no try: it stays as it is'],
    [
      'that it is no instance yet',
      { instanceId: null, service: null, phase: 'identifying' },
      'This machine is not ready',
    ],
    ['that it is ending', { phase: 'draining' }, 'its app drains and is stopped'],
    [
      'how far a pull is',
      {
        progress: {
          image: 'web',
          bytes: 5e6,
          total: 1e7,
          unpacked: 0,
          bytesPerSecond: 1e6,
          remainingMs: 5_000,
        },
      },
      'Pulling web: 5 MB of 10 MB (50 %), 1 MB/s, about 5.0s left.',
    ],
    [
      'what EC2 announced',
      { interruption: { action: 'terminate', at: '2026-01-01T01:02:00Z' } },
      'EC2 will terminate this machine at 2026-01-01T01:02:00Z',
    ],
    [
      'what a container wrote last',
      { logs: [{ service: 'web', lines: ['boom'] }] },
      'last lines of web:\n  boom',
    ],
    [
      'a step it has no words for',
      { work: { ...pulling.work!, step: 'new-step', image: null } },
      'in 12 s: new-step',
    ],
  ])('says %s', (_, change, expected) => {
    expect(statusWords({ ...pulling, ...change }, now).join('\n')).toContain(expected)
  })
})
