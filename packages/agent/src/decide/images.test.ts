import { describe, expect, test } from 'vitest'
import { decide } from './decide.ts'
import {
  boot,
  container,
  digest,
  engine,
  healthy,
  id,
  image,
  other,
  plan,
  sidecar,
  source,
  up,
  worker,
} from './fixture.ts'
import { unknownHealth } from './health.ts'
import type { ContainerView, ImageView, Observation } from './observation.ts'

describe('what is proven to run', () => {
  test('a container of another image does not count, however healthy it is', () => {
    const old = container({ imageId: other })
    const decision = decide({ ...up, engine: engine([image(), sidecar], [old, worker]) })
    expect(decision).toMatchObject({ ready: false, images: [], step: { kind: 'up' } })
  })

  test('an image proven before needs no reference any more', () => {
    const recorded = [{ service: 'web', repository: 'registry.example/web', digest, imageId: id }]
    const gone = image({ sourceId: null, sourceDigests: [], namedId: null })
    const decision = decide({ ...up, recorded, engine: engine([gone, sidecar], [container(), worker]) })
    expect(decision).toMatchObject({ ready: true, images: recorded })
  })

  test('a container that is gone refutes nothing on a machine that was ready, and proves nothing on another', () => {
    const recorded = [{ service: 'web', repository: 'registry.example/web', digest, imageId: id }]
    const seen = { ...up, recorded, engine: engine([image(), sidecar], [worker]) }
    const step = { kind: 'up', services: ['web'] }
    expect(decide(seen)).toMatchObject({ ready: true, images: recorded, step })
    expect(decide({ ...seen, health: unknownHealth })).toMatchObject({ ready: false })
    expect(decide({ ...seen, everReady: false })).toMatchObject({ ready: false, images: [] })
  })

  test.each([
    ['registry.example/web', 'registry.example/web'],
    ['docker.io/shop/web', 'shop/web'],
  ])('without a digest in the tags the one the engine knows is reported: %s', (repository, known) => {
    const tagged = `${repository}:v1`
    const pinned = [{ service: 'web', repository, source: tagged, digest: null }]
    const view = image({ source: tagged, sourceDigests: [`${known}@${digest}`] })
    const seen = engine([view, sidecar], [container(), worker])
    expect(decide({ ...up, plan: { ...plan, pinned }, engine: seen }).images).toEqual([
      { service: 'web', repository, digest, imageId: id },
    ])
  })
})

describe('several pinned images', () => {
  const api = {
    service: 'api',
    repository: 'registry.example/api',
    source: `registry.example/api@${other}`,
    digest: other,
  }
  const twin = { service: 'web-2', repository: 'registry.example/web', source, digest }
  const three: Observation = {
    ...boot,
    plan: { ...plan, pinned: [...plan.pinned, api, twin], services: ['web', 'api', 'web-2', 'worker'] },
  }
  const apiImage = image({ source: api.source, sourceId: other, sourceDigests: [api.source], namedId: other })
  const apiRuns = container({ id: 'c3', service: 'api', imageId: other })
  const twinRuns = container({ id: 'c4', service: 'web-2' })
  const rows: [string, ImageView[], ContainerView[], object][] = [
    ['none is here', [], [], { kind: 'pull-pinned', image: plan.pinned[0] }],
    ['the first is here', [image({ namedId: null })], [], { kind: 'tag-pinned', image: plan.pinned[0] }],
    ['the first is named', [image()], [], { kind: 'pull-pinned', image: api }],
    [
      'the second means another',
      [image(), { ...apiImage, namedId: id }],
      [],
      { kind: 'tag-pinned', image: api },
    ],
    ['two services share one', [image(), apiImage], [], { kind: 'pull-sidecar' }],
    ['all are named', [image(), apiImage, sidecar], [], { kind: 'up' }],
    [
      'one of them does not run',
      [image(), apiImage, sidecar],
      [container(), apiRuns, worker],
      { kind: 'up' },
    ],
    [
      'one of them runs another',
      [image(), apiImage, sidecar],
      [container(), { ...apiRuns, imageId: id }, twinRuns, worker],
      { kind: 'up' },
    ],
  ]
  test.each(rows)('%s', (_, images, containers, step) => {
    expect(decide({ ...three, engine: engine(images, containers) }).step).toMatchObject(step)
  })

  test('are reported one by one, once all of them are proven', () => {
    const all = engine([image(), apiImage, sidecar], [container(), apiRuns, twinRuns, worker])
    const decision = decide({ ...three, health: healthy, engine: all })
    expect(decision.ready).toBe(true)
    expect(decision.images).toEqual([
      { service: 'web', repository: 'registry.example/web', digest, imageId: id },
      { service: 'api', repository: 'registry.example/api', digest: other, imageId: other },
      { service: 'web-2', repository: 'registry.example/web', digest, imageId: id },
    ])
  })
})
