import { beforeEach, describe, expect, test, vi } from 'vitest'
import { portsOf } from '../../test/support/account.ts'
import { createService, type Service } from '../../test/support/fleet.ts'
import { killedAt } from '../../test/support/killed.ts'
import { common, v2 } from '../../test/support/options.ts'
import { groupOf, recordOf } from '../../test/support/views.ts'
import type { Ports } from '../run/ports.ts'
import { deploy } from './deploy.ts'
import { finish } from './finish.ts'
import type { DeployOptions } from './options.ts'
import { resume } from './resume.ts'
import { rollback } from './rollback.ts'

let service: Service

vi.setConfig({ testTimeout: 600_000, hookTimeout: 60_000 })

const wish: DeployOptions = { ...v2, desired: 2 }
const deployFirst = (ports: Ports) => deploy(ports, wish)
const goOn = { ...common, takeOver: false }

beforeEach(async () => {
  service = await createService(0)
})

async function groups(of = service) {
  return Promise.all(
    ['web-blue', 'web-green'].map(async (name) => {
      const { ids: _, ...group } = await groupOf(of, name)
      return group
    }),
  )
}

describe('the first deployment', () => {
  test('brings N instances up on the first group by name, and is closed at once', async () => {
    const before = await groups()
    const ports = portsOf(service, 'a')
    const result = await service.run(deploy(ports, wish))
    expect(result).toMatchObject({
      outcome: 'done',
      exitCode: 0,
      next: null,
      text: expect.stringContaining('web runs v2 on web-blue, its first'),
      details: { previousVersion: null, required: 2, switchedMs: expect.any(Number) },
    })
    const [blue, green] = await groups()
    expect(blue).toMatchObject({ sizes: [0, 4, 2], states: ['InService', 'InService'], suspended: [] })
    expect(blue?.tags).toContain('switchover:version=v2')
    expect(green).toEqual({
      ...before[1],
      tags: before[1]?.tags.map((tag) => tag.replace('version=v1', 'version=v2')),
    })
    expect(await service.healthy()).toHaveLength(2)
    expect(await recordOf(service)).toEqual({ schema: 1, service: 'web', lease: null, deployment: null })
  })

  test('leaves nothing to roll back or to finish, and the next one is an ordinary one', async () => {
    await service.run(deploy(portsOf(service, 'a'), wish))
    await expect(rollback(portsOf(service, 'b'), common)).rejects.toMatchObject({ exitCode: 2 })
    await expect(finish(portsOf(service, 'b'), common)).rejects.toMatchObject({ exitCode: 2 })
    expect(await service.run(deploy(portsOf(service, 'b'), { ...v2, version: 'v3' }))).toMatchObject({
      outcome: 'done',
      details: { version: 'v3', previousVersion: 'v2' },
    })
    const [blue, green] = await groups()
    expect([blue?.states, green?.states]).toEqual([
      ['Standby', 'Standby'],
      ['InService', 'InService'],
    ])
  })

  test('of a version that cannot come up fails with its cause, and leaves both groups as they were', async () => {
    service.behaviours.set('v2', 'broken')
    const before = await groups()
    const result = await service.run(deploy(portsOf(service, 'a'), wish))
    expect(result).toMatchObject({
      outcome: 'failed',
      exitCode: 1,
      next: 'switchover deploy web v2 --desired 2',
    })
    expect(result.text).toContain('The app never answered. Both groups of web are empty, as before')
    expect(await groups()).toEqual(before)
    expect(await service.running()).toEqual([])
    expect(await recordOf(service)).toMatchObject({ lease: null, deployment: null })
  })

  test('that was interrupted goes on when it is given again, or is taken back', async () => {
    const before = await groups()
    const interrupted = async () => {
      const ports = portsOf(service, 'a')
      const first = deploy(ports, wish)
      await service.time.runUntil(() => ports.events.some(({ event }) => event === 'wait'), 600_000)
      ports.stop.abort()
      await expect(service.run(first)).rejects.toMatchObject({ exitCode: 130 })
    }
    await interrupted()
    await expect(finish(portsOf(service, 'b'), common)).rejects.toMatchObject({ exitCode: 4 })
    const back = await service.run(rollback(portsOf(service, 'b'), common))
    expect(back).toMatchObject({
      outcome: 'rolled-back',
      exitCode: 0,
      text: expect.stringContaining('both groups of web are empty again'),
    })
    expect(await groups()).toEqual(before)
    await interrupted()
    expect(await service.run(deploy(portsOf(service, 'b'), wish))).toMatchObject({ exitCode: 0 })
    expect(await service.healthy()).toHaveLength(2)
  })

  test('is planned without a change', async () => {
    const ports = portsOf(service, 'a')
    const changes: string[] = []
    service.intercept = async (call, proceed) => {
      if (!/^(?:Describe|Get|List|Head)/.test(call.operation)) changes.push(call.operation)
      return proceed()
    }
    const result = await service.run(deploy(ports, { ...wish, plan: true }))
    expect(result).toMatchObject({ exitCode: 0, details: { plan: true } })
    const steps = ports.events.flatMap((event) => (event.event === 'plan' ? event.step : []))
    expect([steps[0], ...steps.slice(-2)]).toEqual(['tag', 'end', 'timeline'])
    expect(changes).toEqual([])
  })
})

describe('killed at each of its changing calls', () => {
  test.each(['before', 'after'] as const)('%s it took effect, it can be resumed', async (death) => {
    await service.run(deploy(portsOf(service, 'one'), wish))
    const expected = await groups()
    let nth = 2
    for (; nth < 100; nth += 1) {
      const killed = await createService(0)
      if (!(await killedAt(killed, deployFirst, nth, death))) break
      const resumed = await killed.run(resume(portsOf(killed, 'heir'), goOn))
      expect([nth, resumed.exitCode, await groups(killed)]).toEqual([nth, 0, expected])
    }
    expect(nth).toBeGreaterThan(8)
  })

  test('after it took effect, it can be taken back', async () => {
    const before = await groups()
    let nth = 2
    for (; nth < 100; nth += 1) {
      const killed = await createService(0)
      if (!(await killedAt(killed, deployFirst, nth, 'after'))) break
      await killed.time.advance(common.leaseMs + 2_000)
      const back = rollback(portsOf(killed, 'heir'), common)
      const closed = await killed.run(back).catch((error: unknown) => error)
      // The write that closes it leaves nothing to go back from.
      if ((closed as { exitCode: number }).exitCode === 2) continue
      expect([nth, closed, await groups(killed)]).toEqual([
        nth,
        expect.objectContaining({ exitCode: 0 }),
        before,
      ])
      expect(await killed.running()).toEqual([])
    }
    expect(nth).toBeGreaterThan(8)
  })
})
