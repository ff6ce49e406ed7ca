import { beforeEach, describe, expect, test } from 'vitest'
import { bucket, createAccount, simulated, stopped, type Account } from '../../test/support/account.ts'
import type { Clock } from '../clock.ts'
import { beforeDeploy } from '../decide/fixture.ts'
import { HeldLease, StalePermission, stands } from './lease.ts'
import { openRecordStore, type RecordStore } from './store.ts'

const { deployment } = beforeDeploy()
const leaseMs = 30_000
let account: Account
let store: RecordStore

beforeEach(async () => {
  account = await createAccount()
  store = openStore(account.clock)
})

function openStore(clock: Clock): RecordStore {
  return openRecordStore({ ...account, clock, random: () => 0 }, { bucket, prefix: '' }, 'web')
}

async function acquire(owner: string, clock = account.clock): Promise<HeldLease> {
  const options = { store, clock, owner, leaseMs, service: 'web' }
  return HeldLease.acquire(options, await store.read(), deployment)
}

describe('a lease', () => {
  test('is written together with the deployment, and given back together with what it left', async () => {
    const lease = await acquire('a')
    const held = (await store.read()).record
    expect(held).toMatchObject({ lease: { owner: 'a' }, deployment: { id: deployment.id } })
    expect(stands(held?.lease, store.clock.now())).toBe(true)
    await account.run(lease.release(() => null))
    expect((await store.read()).record).toEqual({ schema: 1, service: 'web', lease: null, deployment: null })
  })

  test('goes to one of two that read the same state', async () => {
    const stored = await store.read()
    const options = { store, clock: account.clock, leaseMs, service: 'web' }
    const results = await Promise.allSettled(
      ['a', 'b'].map((owner) => HeldLease.acquire({ ...options, owner }, stored, deployment)),
    )
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const refused = results.find((result) => result.status === 'rejected')
    expect(refused?.reason).toMatchObject({ exitCode: 3, outcome: 'locked' })
  })

  test('renews itself while its holder only waits', async () => {
    const lease = await acquire('a')
    await account.time.advance(10 * leaseMs)
    expect(lease.remaining()).toBeGreaterThan(leaseMs / 2)
    expect(stands((await store.read()).record?.lease, account.time.now())).toBe(true)
    await account.run(lease.release(() => null))
  })

  test('that could not be given back is held on, and is given back later', async () => {
    const lease = await acquire('a')
    account.intercept = async () => null
    await expect(account.run(lease.release(() => null))).rejects.toMatchObject({ code: 'ECONNRESET' })
    account.intercept = null
    await account.time.advance(2 * leaseMs)
    expect(lease.remaining()).toBeGreaterThan(leaseMs / 2)
    await account.run(lease.release(() => null))
    await account.time.advance(leaseMs)
    expect((await store.read()).record).toMatchObject({ lease: null, deployment: null })
  })

  test('of a process that was stopped lets nothing be sent, and is still its own while nobody took it', async () => {
    const lease = await acquire('a', stopped(account.time))
    await account.time.advance(leaseMs - 1_000)
    const sent: string[] = []
    await expect(lease.permit(async () => sent.push('call'))).rejects.toThrow(StalePermission)
    expect(sent).toEqual([])
    await lease.update((one) => ({ ...one, required: 5 }))
    await lease.permit(async () => sent.push('call'))
    expect(sent).toEqual(['call'])
    await lease.abandon()
  })

  test('that ran out and was taken is lost, and nothing is written or sent any more', async () => {
    const first = await acquire('a', stopped(account.time))
    await account.time.advance(leaseMs + 1_000)
    const second = await acquire('b')
    await expect(first.update((one) => one)).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('b is at work on web'),
    })
    expect(first.lost.aborted).toBe(true)
    await expect(first.permit(async () => 'sent')).rejects.toMatchObject({ exitCode: 3 })
    await expect(first.release(() => null)).rejects.toMatchObject({ exitCode: 3 })
    expect((await store.read()).record?.lease?.owner).toBe('b')
    await account.run(second.release(() => null))
  })

  test('aborts the call under way when it runs out', async () => {
    const clock = simulated(account.time)
    const lease = await acquire('a', clock)
    account.intercept = async (call, proceed) => (call.operation === 'PutObject' ? null : proceed())
    const call = lease.permit(
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error))
        }),
    )
    const began = account.time.now()
    await expect(account.run(call)).rejects.toThrow(StalePermission)
    expect(account.time.now() - began).toBe(leaseMs - 1_000)
    account.intercept = null
    await account.run(lease.abandon())
  })

  test('keeps a call going as long as it is renewed', async () => {
    const lease = await acquire('a')
    const call = lease.permit(async (signal) => {
      await account.clock.sleep(3 * leaseMs, signal)
      return signal.aborted
    })
    expect(await account.run(call)).toBe(false)
    await account.run(lease.release(() => null))
  })

  test('meets a write of its own that landed late, and goes on from there', async () => {
    const lease = await acquire('a', stopped(account.time))
    let late: (() => Promise<unknown>) | null = null
    account.intercept = async (call, proceed) => {
      if (call.operation !== 'PutObject') return late ? null : proceed()
      late = proceed
      return null
    }
    await expect(account.run(lease.update((one) => ({ ...one, required: 7 })))).rejects.toMatchObject({
      code: 'ECONNRESET',
    })
    account.intercept = null
    await (late as (() => Promise<unknown>) | null)?.()
    await lease.update((one) => ({ ...one, required: 8 }))
    expect((await store.read()).record?.deployment?.required).toBe(8)
    await lease.abandon()
  })

  test('renewed on a machine that was asleep stands to everybody else', async () => {
    // Linux stops its monotonic clock while the machine sleeps.
    const asleep: Clock = { ...stopped(account.time), monotonic: () => 0 }
    store = openStore(asleep)
    const lease = await acquire('a', asleep)
    await account.time.advance(20 * leaseMs)
    await lease.update((one) => one)
    expect(stands((await store.read()).record?.lease, account.time.now())).toBe(true)
    expect(lease.remaining()).toBeGreaterThan(leaseMs / 2)
    await lease.abandon()
  })

  test.each([0, 2_500, 7_000])(
    'lets nothing be sent once others see it run out, replies taking %i ms',
    async (delay) => {
      account.intercept = async (_, proceed) => {
        const response = await proceed()
        await account.clock.sleep(delay)
        return response
      }
      const lease = await account.run(acquire('a'))
      account.intercept = null
      const expiresAt = (await store.read()).record?.lease?.expiresAt ?? 0
      expect(lease.remaining()).toBeGreaterThan(0)
      expect(account.time.now() + lease.remaining()).toBeLessThanOrEqual(expiresAt)
      await account.run(lease.release(() => null))
    },
  )
})
