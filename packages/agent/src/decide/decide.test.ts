import { describe, expect, test } from 'vitest'
import { decide } from './decide.ts'
import { boot, container, engine, healthy, image, other, sidecar, up, worker } from './fixture.ts'
import { unknownHealth } from './health.ts'
import type { ContainerView, Observation } from './observation.ts'
import { retryable, terminal } from './reason.ts'

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
