import { describe, expect, test } from 'vitest'
import { pinnedRepositories, readComposeFile } from './compose.ts'

const web = { image: 'r.example/web:live' }

describe('compose file', () => {
  test('pinned images, sidecars and defaults', () => {
    const read = readComposeFile({ services: { web, cache: { image: 'redis:7' } } })
    expect(read).toEqual({
      ok: true,
      file: {
        settings: {
          port: 8090,
          drain: 30_000,
          checks: { interval: 30_000, threshold: 2 },
          parked: { stop: [] },
        },
        pinned: [{ service: 'web', repository: 'r.example/web' }],
        sidecars: [{ service: 'cache', image: 'redis:7' }],
      },
    })
  })

  test('settings are read in milliseconds', () => {
    const read = readComposeFile({
      services: { web, worker: web },
      'x-switchover': {
        health: { url: 'http://127.0.0.1:8080/health', interval: '5s', healthy: 2 },
        drain: '1m',
        checks: { interval: '10s' },
        parked: { stop: ['worker'] },
      },
    })
    expect(read).toMatchObject({
      ok: true,
      file: {
        settings: {
          health: { interval: 5_000, timeout: 2_000, healthy: 2, unhealthy: 3 },
          drain: 60_000,
          checks: { interval: 10_000, threshold: 2 },
          parked: { stop: ['worker'] },
        },
      },
    })
  })

  test('several services of one repository are one repository', () => {
    const read = readComposeFile({ services: { web, worker: web } })
    expect(read.ok && pinnedRepositories(read.file)).toEqual(['r.example/web'])
  })

  test.each([
    [
      { services: { web: { image: 'redis:7' } } },
      'The compose file has no pinned image: give the image that is deployed the tag ":live".',
    ],
    [
      { services: { web: { ...web, build: '.' } } },
      'Service web has build: images are built before they are deployed.',
    ],
    [{ services: { web: {} } }, 'Service web names no image.'],
    [
      { services: { web: { ...web, profiles: ['tools'] } } },
      'Every service with a pinned image has profiles: one must start by default.',
    ],
    [
      { services: { web }, 'x-switchover': { parked: { stop: ['web'] } } },
      'x-switchover.parked.stop names every service with a pinned image: one must go on, to be verified while parked.',
    ],
    [
      { services: { web }, 'x-switchover': { health: { url: 'http://a/', interval: '0s' } } },
      'The compose file: x-switchover.health.interval: at least 100ms.',
    ],
    [
      { services: { web }, 'x-switchover': { health: { url: 'http://a/', unhealthy: 0 } } },
      'The compose file: x-switchover.health.unhealthy: Too small: expected number to be >=1.',
    ],
    [{ services: { web: { image: 'A B' } } }, 'Service web: "A B" is not an image reference.'],
    [
      { services: { web }, 'x-switchover': { drain: 'soon' } },
      'The compose file: x-switchover.drain: "soon" is not a duration: write 500ms, 90s, 10m or 2h.',
    ],
    [
      { services: { web }, 'x-switchover': { parked: { stop: ['queue'] } } },
      'x-switchover.parked.stop names queue, which is no service of the file.',
    ],
  ])('%j is refused in one sentence', (document, problem) => {
    expect(readComposeFile(document)).toEqual({ ok: false, problem })
  })

  test.each([null, [], 'services', { services: [] }])('%j is no compose file', (document) => {
    expect(readComposeFile(document).ok).toBe(false)
  })

  test('an unknown setting is named, not ignored', () => {
    const read = readComposeFile({ services: { web }, 'x-switchover': { drian: '5s' } })
    expect(read).toMatchObject({ ok: false, problem: expect.stringContaining('drian') as string })
  })
})
