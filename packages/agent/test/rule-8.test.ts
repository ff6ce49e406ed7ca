import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Machine } from './support/machine.ts'
import type { Running } from './support/running.ts'

/** What the world does between two looks. */
const event = fc.oneof(
  fc.record({ kind: fc.constant('aws' as const), on: fc.boolean() }),
  fc.record({ kind: fc.constant('imds' as const), on: fc.constantFrom(false, true, 401, 403, 404, 503) }),
  fc.record({ kind: fc.constant('compose' as const), on: fc.boolean() }),
  fc.record({
    kind: fc.constant('registry' as const),
    text: fc.constantFrom(null, 'denied: no', 'manifest unknown', 'no space left on device', 'refused'),
  }),
  fc.record({ kind: fc.constant('disk' as const), on: fc.boolean() }),
  fc.record({ kind: fc.constant('lost' as const), what: fc.constantFrom('worker', 'references') }),
  fc.record({ kind: fc.constant('retagged' as const), version: fc.constantFrom('v2', 'v3') }),
  fc.record({ kind: fc.constant('target' as const), to: fc.constantFrom('Standby', 'InService') }),
  // Further away than a whole schedule takes.
  fc.record({ kind: fc.constant('interruption' as const), on: fc.boolean() }),
  fc.record({ kind: fc.constant('rebalance' as const) }),
  fc.record({
    kind: fc.constant('clock' as const),
    byMs: fc.constantFrom(-86_400_000, -5_000, 5_000, 86_400_000),
  }),
  fc.record({ kind: fc.constant('restart' as const) }),
)
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never
const events = fc.array(fc.tuple(event, fc.integer({ min: 0, max: 90_000 })), { minLength: 1, maxLength: 8 })

async function happens(machine: Machine, one: Event): Promise<void> {
  switch (one.kind) {
    case 'aws':
    case 'compose':
      machine.faults[one.kind] = one.on
      break
    case 'imds':
      machine.faults.imds = one.on
      break
    case 'interruption': {
      const time = machine.clock.wall(machine.clock.now() + 3_600_000).toISOString()
      machine.interruption = one.on ? { action: 'terminate', time } : null
      break
    }
    case 'rebalance':
      machine.rebalance = { noticeTime: new Date(machine.clock.now()).toISOString() }
      break
    case 'clock':
      // Its notices are in the wall clock's time, as EC2's are; setting that must not bring them near.
      machine.interruption = null
      machine.clock.set(one.byMs)
      break
    case 'registry':
      machine.faults.registry = one.text
      break
    case 'disk':
      // A directory in the way of the file that is written anew, once that is not being written.
      await machine.clock.pass(0)
      await rm(join(machine.state, 'state.json.new'), { recursive: true, force: true })
      if (one.on) await mkdir(join(machine.state, 'state.json.new'))
      break
    case 'lost':
      if (one.what === 'worker') machine.remove('worker')
      else for (const name of machine.images.keys()) if (name.includes('@')) machine.images.delete(name)
      break
    case 'retagged':
      machine.tags = { ...machine.tags, version: one.version }
      break
    case 'target':
      machine.target = one.to
      break
    case 'restart':
      break
  }
}

/** Ends one agent and starts the next, whose verdict counts once it has verified it again. */
async function restart(machine: Machine, running: Running): Promise<Running> {
  await running.stop()
  const next = await machine.start()
  await next.until(() => next.agent.settled)
  return next
}

test('no fault of AWS, registry or disk makes a ready agent unready, whatever it is ready with', async () => {
  await fc.assert(
    fc.asyncProperty(events, async (schedule) => {
      await using machine = await Machine.create()
      let running = await machine.start()
      await running.ready()
      await machine.clock.pass(1_000)
      let unready = 0
      for (const [one, ms] of schedule) {
        await happens(machine, one)
        if (one.kind === 'restart') running = await restart(machine, running)
        const { status } = running.agent
        status.onChange(() => {
          if (!status.ready) unready += 1
        })
        await machine.clock.pass(ms)
        expect([unready, status.ready, status.wanted?.version]).toEqual([0, true, 'v1'])
      }
    }),
    { numRuns: 40 },
  )
})

test('no fault makes an agent ready whose app is not healthy', async () => {
  const silence = fc.record({ kind: fc.constant('engine' as const), on: fc.boolean() })
  const schedules = fc.array(fc.tuple(fc.oneof(event, silence), fc.integer({ min: 0, max: 90_000 })), {
    maxLength: 8,
  })
  await fc.assert(
    fc.asyncProperty(schedules, async (schedule) => {
      await using machine = await Machine.create()
      machine.health = 'unhealthy'
      let running = await machine.start()
      for (const [one, ms] of schedule) {
        if (one.kind === 'engine') machine.faults.engine = one.on
        else await happens(machine, one)
        if (one.kind === 'restart') {
          await running.stop()
          running = await machine.start()
        }
        await machine.clock.pass(ms)
        expect(running.agent.status.ready).toBe(false)
      }
    }),
    { numRuns: 40 },
  )
})
