import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide } from './decide.ts'
import { unknownHealth } from './health.ts'
import type { ContainerView, EngineView, ImageView, Observation, Plan, Wanted } from './observation.ts'
import { retryable, terminal } from './reason.ts'

const digest = `sha256:${'a'.repeat(64)}`
const source = `registry.example/web@${digest}`
const id = `sha256:${'1'.repeat(64)}`
const other = `sha256:${'2'.repeat(64)}`

const wanted: Wanted = {
  group: 'web-blue',
  service: 'web',
  store: 's3://bucket/prefix',
  version: 'v1',
  bundle: '0123456789ab',
  release: 'each',
  deployment: null,
  digests: { '': digest },
}
const plan: Plan = {
  directory: '/state/bundles/0123456789ab',
  composeFile: '/state/bundles/0123456789ab/compose.yaml',
  settings: {
    health: {
      url: 'http://127.0.0.1:8080/health',
      interval: 2_000,
      timeout: 2_000,
      healthy: 1,
      unhealthy: 3,
    },
    port: 8_090,
    drain: 30_000,
    checks: { interval: 30_000, threshold: 2 },
    parked: { stop: ['worker'] },
  },
  pinned: [{ service: 'web', repository: 'registry.example/web', source, digest }],
  sidecars: [{ service: 'worker', image: 'redis:7', source: `redis@${digest}` }],
  services: ['web', 'worker'],
}
const image = (over: Partial<ImageView> = {}): ImageView => ({
  source,
  sourceId: id,
  sourceDigests: [source],
  architecture: 'amd64',
  namedId: id,
  ...over,
})
const sidecar: ImageView = image({ source: `redis@${digest}`, sourceId: other, namedId: other })
const container = (over: Partial<ContainerView> = {}): ContainerView => ({
  id: 'c1',
  service: 'web',
  imageId: id,
  state: 'running',
  health: 'none',
  exitCode: 0,
  runningMs: 60_000,
  oneShot: false,
  restarts: 0,
  ...over,
})
const worker = container({ id: 'c2', service: 'worker', imageId: other })
const engine = (images: ImageView[], containers: ContainerView[]): EngineView => ({
  architecture: 'amd64',
  images: new Map(images.map((view) => [view.source, view])),
  containers,
})
const healthy = { healthy: true, passes: 0, failures: 0, reason: null }

const up: Observation = {
  now: 1_000_000,
  identity: { instanceId: 'i-0123456789abcdef0', region: 'us-east-1' },
  wanted,
  plan,
  engine: engine([image(), sidecar], [container(), worker]),
  recorded: [],
  health: healthy,
  parking: { since: null },
  warm: false,
  ending: null,
  everReady: true,
  tidied: true,
  terminal: null,
}
const boot: Observation = { ...up, everReady: false, health: unknownHealth }

describe('the way up', () => {
  const rows: [string, Observation, string, string][] = [
    [
      'no identity',
      { ...boot, identity: null, wanted: null, plan: null, engine: null },
      'identifying',
      'identify',
    ],
    [
      'no identity to be had',
      {
        ...boot,
        identity: null,
        wanted: null,
        plan: null,
        engine: null,
        terminal: terminal('metadata-disabled', 'No.'),
      },
      'failed',
      'identify',
    ],
    ['no group', { ...boot, wanted: null, plan: null, engine: null }, 'resolving', 'resolve'],
    ['no bundle', { ...boot, plan: null, engine: null }, 'resolving', 'fetch-bundle'],
    ['no engine', { ...boot, engine: null }, 'pulling', 'rest'],
    ['no image', { ...boot, engine: engine([], []) }, 'pulling', 'pull-pinned'],
    [
      'image not named',
      { ...boot, engine: engine([image({ namedId: null })], []) },
      'retagging',
      'tag-pinned',
    ],
    [
      'name means another',
      { ...boot, engine: engine([image({ namedId: other })], []) },
      'retagging',
      'tag-pinned',
    ],
    ['no sidecar', { ...boot, engine: engine([image()], []) }, 'pulling', 'pull-sidecar'],
    ['no container', { ...boot, engine: engine([image(), sidecar], []) }, 'starting', 'up'],
    ['one container', { ...boot, engine: engine([image(), sidecar], [container()]) }, 'starting', 'up'],
    ['not healthy yet', boot, 'verifying', 'rest'],
    ['healthy', { ...boot, health: healthy }, 'ready', 'rest'],
    ['healthy, older images looked for', { ...boot, health: healthy, tidied: false }, 'ready', 'tidy'],
    [
      'parked, older images after its services',
      { ...up, parking: { since: 1 }, tidied: false },
      'parked',
      'stop-services',
    ],
    ['parked, worker runs', { ...up, parking: { since: 1 } }, 'parked', 'stop-services'],
    [
      'parked, worker runs beside an app that is not healthy',
      { ...up, parking: { since: 1 }, health: unknownHealth },
      'verifying',
      'stop-services',
    ],
    [
      'parked, worker dies again and again',
      {
        ...up,
        parking: { since: 1 },
        engine: engine([image(), sidecar], [container(), { ...worker, state: 'restarting' }]),
      },
      'parked',
      'stop-services',
    ],
    [
      'parked, worker rests',
      {
        ...up,
        parking: { since: 1 },
        engine: engine([image(), sidecar], [container(), { ...worker, state: 'exited' }]),
      },
      'parked',
      'rest',
    ],
    [
      'back, worker rests',
      { ...up, engine: engine([image(), sidecar], [container(), { ...worker, state: 'exited' }]) },
      'ready',
      'up',
    ],
    ['warm, no image', { ...boot, warm: true, engine: engine([], []) }, 'pulling', 'pull-pinned'],
    [
      'warm, image not named',
      { ...boot, warm: true, engine: engine([image({ namedId: null })], []) },
      'retagging',
      'tag-pinned',
    ],
    [
      'warm, all is here',
      { ...boot, warm: true, engine: engine([image(), sidecar], []) },
      'retagging',
      'rest',
    ],
    ['warm, an app from before runs', { ...boot, warm: true, health: healthy }, 'starting', 'stop-services'],
    ['failed', { ...boot, terminal: terminal('image-not-found', 'No.') }, 'failed', 'rest'],
  ]
  test.each(rows)('%s', (_, observation, phase, step) => {
    const decision = decide(observation)
    expect([decision.phase, decision.step.kind]).toEqual([phase, step])
    expect(decision.ready).toBe(phase === 'ready' || phase === 'parked')
  })

  test.each([
    ['wrong-architecture', image({ architecture: 'arm64', namedId: null })],
    ['digest-mismatch', image({ sourceDigests: [`registry.example/web@sha256:${'b'.repeat(64)}`] })],
  ])('%s is terminal', (code, view) => {
    const decision = decide({ ...boot, engine: engine([view], []) })
    expect(decision.step).toMatchObject({ kind: 'fail', reason: { code, kind: 'terminal' } })
  })

  test('a container of another image does not count, however healthy it is', () => {
    const old = container({ imageId: other })
    const decision = decide({ ...up, engine: engine([image(), sidecar], [old, worker]) })
    expect(decision).toMatchObject({ ready: false, images: [], step: { kind: 'up' } })
  })

  test('what has to be started again says why it is not there', () => {
    const reason = retryable('app-exited', 'The container of service web is exited (exit code 3).')
    const health = { healthy: false, passes: 0, failures: 3, reason }
    const dead = container({ state: 'exited', exitCode: 3 })
    const decision = decide({ ...up, health, engine: engine([image(), sidecar], [dead, worker]) })
    expect(decision).toMatchObject({ phase: 'starting', ready: false, step: { kind: 'up' }, reason })
  })

  const dead = container({ state: 'exited', exitCode: 3 })
  const resting: ContainerView = { ...worker, state: 'exited' }
  test.each<[string, Partial<Observation>, ContainerView[], string[]]>([
    ['all while nothing runs', { everReady: false, health: unknownHealth }, [], []],
    ['the lost one beside an app that serves', {}, [container()], ['worker']],
    ['the ended one beside an app that serves', {}, [container(), resting], ['worker']],
    ['all where the app does not serve', { health: unknownHealth }, [dead, worker], []],
    ['all but what rests', { parking: { since: 1 }, health: unknownHealth }, [dead, resting], ['web']],
    ['all where one was never made', { parking: { since: 1 }, health: unknownHealth }, [dead], []],
  ])('compose starts %s', (_, over, containers, services) => {
    const { step } = decide({ ...up, ...over, engine: engine([image(), sidecar], containers) })
    expect(step).toEqual({ kind: 'up', services })
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

describe('the way down', () => {
  const ending = {
    kind: 'terminated',
    since: up.now,
    drainMs: 5_000,
    stopped: false,
    released: false,
  } as const
  test('drains, stops, releases, in this order and never ready', () => {
    const steps = [
      decide({ ...up, ending }),
      decide({ ...up, now: up.now + 5_000, ending }),
      decide({ ...up, now: up.now + 5_000, ending: { ...ending, stopped: true } }),
      decide({ ...up, now: up.now + 5_000, ending: { ...ending, stopped: true, released: true } }),
    ]
    expect(steps.map(({ step }) => step.kind)).toEqual(['rest', 'stop-all', 'release', 'rest'])
    expect(steps.every(({ phase, ready }) => phase === 'draining' && !ready)).toBe(true)
  })

  test('an interruption has the hook of a termination', () => {
    const interrupted = { ...ending, kind: 'interrupted', stopped: true } as const
    const decision = decide({ ...up, now: up.now + 5_000, ending: interrupted })
    expect(decision).toMatchObject({ ready: false, phase: 'draining', step: { kind: 'release' } })
  })

  test('what goes back to the warm pool may be put away once its app is stopped', () => {
    const pooled = { ...ending, kind: 'pooled' } as const
    const steps = [
      decide({ ...up, warm: true, ending: pooled }),
      decide({ ...up, warm: true, now: up.now + 5_000, ending: pooled }),
      decide({ ...up, warm: true, now: up.now + 5_000, ending: { ...pooled, stopped: true } }),
    ]
    expect(steps.map(({ step, pooled }) => [step.kind, pooled])).toEqual([
      ['rest', false],
      ['stop-all', false],
      ['release', true],
    ])
  })

  test('an instance that ends because it failed goes on saying why', () => {
    const terminal = { code: 'image-not-found', sentence: 'It is not there.', kind: 'terminal' } as const
    expect(decide({ ...up, terminal, ending }).reason).toEqual(terminal)
    expect(decide({ ...up, ending }).reason).toMatchObject({ code: 'ending' })
  })

  test('a shutdown has no hook to release', () => {
    const decision = decide({ ...up, ending: { ...ending, kind: 'shutdown', drainMs: 0, stopped: true } })
    expect(decision.step.kind).toBe('rest')
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

describe('properties', () => {
  const imageId = fc.constantFrom(id, other, null)
  const observation = fc.record<Observation>({
    now: fc.constant(up.now),
    identity: fc.constantFrom(up.identity, null),
    wanted: fc.constantFrom(wanted, null),
    plan: fc.constantFrom(plan, null),
    engine: fc.option(
      fc
        .tuple(
          imageId,
          imageId,
          fc.array(
            fc.record({
              service: fc.constantFrom('web', 'worker'),
              imageId: fc.constantFrom(id, other),
              state: fc.constantFrom('running', 'exited', 'restarting', 'created'),
              exitCode: fc.constantFrom(0, 1),
              oneShot: fc.boolean(),
            }),
            { maxLength: 3 },
          ),
        )
        .map(([sourceId, namedId, rows]) =>
          engine(
            [image({ sourceId, namedId }), sidecar],
            rows.map((row) => container(row)),
          ),
        ),
    ),
    recorded: fc.constant([]),
    health: fc.constantFrom(healthy, unknownHealth, {
      healthy: false,
      passes: 0,
      failures: 3,
      reason: retryable('x', 'x'),
    }),
    parking: fc.constantFrom({ since: null }, { since: 1 }),
    warm: fc.boolean(),
    ending: fc.constantFrom(null, {
      kind: 'shutdown',
      since: up.now,
      drainMs: 0,
      stopped: false,
      released: false,
    }),
    everReady: fc.boolean(),
    tidied: fc.boolean(),
    terminal: fc.constantFrom(null, terminal('image-not-found', 'No.')),
  })

  test('ready says: not ending, healthy, and every container of the pinned service runs the pinned image', () => {
    fc.assert(
      fc.property(observation, (seen) => {
        const decision = decide(seen)
        if (!decision.ready) return
        expect([seen.ending, seen.warm]).toEqual([null, false])
        expect(seen.terminal).toBeNull()
        expect(seen.health.healthy).toBe(true)
        const view = seen.engine?.images.get(source)
        const web = seen.engine?.containers.filter((row) => row.service === 'web') ?? []
        expect(web.length).toBeGreaterThan(0)
        expect(web.every((row) => row.imageId === view?.sourceId && row.imageId === view.namedId)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  test('compose never runs while the pinned name means another image', () => {
    fc.assert(
      fc.property(observation, (seen) => {
        if (decide(seen).step.kind !== 'up') return
        const view = seen.engine?.images.get(source)
        expect(view?.namedId).toBe(view?.sourceId)
        expect(view?.sourceId).not.toBeNull()
      }),
      { numRuns: 2_000 },
    )
  })
})
