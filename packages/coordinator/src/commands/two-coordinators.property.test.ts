import fc from 'fast-check'
import { recordSchema } from '@switchover/contract/deployment'
import { expect, test, vi } from 'vitest'
import { bucket, portsOf } from '../../test/support/account.ts'
import { createService, type Service } from '../../test/support/fleet.ts'
import { common, v2 } from '../../test/support/options.ts'
import type { Clock } from '../clock.ts'
import type { ResultEvent } from '../events.ts'
import type { Ports } from '../run/ports.ts'
import { deploy } from './deploy.ts'
import { resume } from './resume.ts'
import { rollback } from './rollback.ts'

vi.setConfig({ testTimeout: 300_000 })

/** Long enough to be renewed, short enough to be lost often. Milliseconds. */
const leaseMs = 10_000
const asked = { ...v2, leaseMs }

/** A process that stands still, as under SIGSTOP, from its nth write to the store: no timer fires and no reply arrives until it is over. */
type Pause = { write: number; ms: number }
/** What happens to one process; `lost`: which of its calls take effect without a reply. */
type Fate = { pauses: Pause[]; lost: number[] }

const fate: fc.Arbitrary<Fate> = fc.record({
  pauses: fc.array(
    fc.record({ write: fc.integer({ min: 1, max: 20 }), ms: fc.integer({ min: 500, max: 40_000 }) }),
    { maxLength: 3 },
  ),
  lost: fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 3 }),
})

const reading = /^(?:Describe|Get|List|Head)/

function leaseHolder(service: Service): string | null {
  const body = service.cloud.objects.get(bucket, 'p/web/deployment.json')?.body
  if (body === undefined) return null
  const { lease } = recordSchema.parse(JSON.parse(Buffer.from(body).toString()))
  return lease !== null && lease.expiresAt > service.time.now() ? lease.owner : null
}

/** One process: its own clients and clock, and what it sent though it was not the one to act. */
function processOf(service: Service, owner: string, { pauses, lost }: Fate) {
  const trespasses: string[] = []
  const acts: string[] = []
  let asleepUntil = 0
  const awake = async () => {
    while (service.time.now() < asleepUntil) await service.clock.sleep(asleepUntil - service.time.now())
  }
  const clock: Clock = {
    ...service.clock,
    async sleep(ms, signal) {
      await service.clock.sleep(ms, signal)
      await awake()
    },
  }
  let calls = 0
  let writes = 0
  const clients = service.connect(async (call, proceed) => {
    const nth = ++calls
    // The record itself is guarded by its own condition.
    if (!reading.test(call.operation) && call.operation !== 'PutObject') {
      acts.push(call.operation)
      const holder = leaseHolder(service)
      if (holder !== owner) trespasses.push(`${call.operation} while ${holder ?? 'nobody'} held the lease`)
    }
    if (call.operation === 'PutObject') writes += 1
    const pause = call.operation === 'PutObject' && pauses.find(({ write }) => write === writes)
    if (pause) asleepUntil = service.time.now() + pause.ms
    const response = await proceed()
    await awake()
    return lost.includes(nth) ? null : response
  })
  const ports: Ports = { ...portsOf(service, owner), clients, clock, pollMs: 1_000 }
  return { ports, trespasses, acts }
}

/** Coordinators that stand still, right before they act, until their lease has been taken over. */
const wakesTooLate = [2, 3, 4, 5, 6].map((write): [Fate, Fate, number, 'resume'] => [
  { pauses: [{ write, ms: 30_000 }], lost: [] },
  { pauses: [], lost: [] },
  4_000,
  'resume',
])

const settled = async (work: Promise<ResultEvent>) =>
  work.then(
    ({ exitCode }) => exitCode,
    (error: { exitCode?: number }) => {
      if (error.exitCode === undefined) throw error
      return error.exitCode
    },
  )

test('two coordinators never both act, whatever pauses and replies are lost, and the work gets done', async () => {
  let takeovers = 0
  await fc.assert(
    fc.asyncProperty(
      fate,
      fate,
      fc.integer({ min: 1, max: 40_000 }),
      fc.constantFrom<'resume' | 'rollback'>('resume', 'rollback'),
      async (first, second, begins, other) => {
        const service = await createService()
        const a = processOf(service, 'a', first)
        const b = processOf(service, 'b', second)
        const rivals = async () => {
          const exits: number[] = []
          for (let attempt = 0; attempt < 6; attempt += 1) {
            await b.ports.clock.sleep(begins)
            const options = { ...common, leaseMs, takeOver: false }
            exits.push(
              await settled(other === 'resume' ? resume(b.ports, options) : rollback(b.ports, options)),
            )
          }
          return exits
        }
        const [exit, exits] = await service.run(Promise.all([settled(deploy(a.ports, asked)), rivals()]))
        expect([...a.trespasses, ...b.trespasses]).toEqual([])
        expect([0, 1, 3, 4]).toContain(exit)
        for (const code of exits) expect([0, 1, 2, 3, 4]).toContain(code)
        if (exit === 3 && b.acts.length > 0) takeovers += 1
        await service.time.advance(leaseMs + 5_000)
        const last = portsOf(service, 'c')
        await service.run(settled(resume(last, { ...common, leaseMs, takeOver: false })))
        expect(await service.healthy()).toHaveLength(2)
        expect(leaseHolder(service)).toBeNull()
      },
    ),
    { numRuns: 12, examples: wakesTooLate },
  )
  expect(takeovers).toBeGreaterThan(0)
})
