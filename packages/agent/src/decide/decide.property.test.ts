import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide } from './decide.ts'
import { container, engine, healthy, id, image, other, plan, sidecar, source, up, wanted } from './fixture.ts'
import { unknownHealth } from './health.ts'
import type { Observation } from './observation.ts'
import { retryable, terminal } from './reason.ts'

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
