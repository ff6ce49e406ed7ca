import { ExitStandbyCommand } from '@aws-sdk/client-auto-scaling'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { portsOf } from '../../test/support/account.ts'
import { createService, type Service } from '../../test/support/fleet.ts'
import { common, v2 } from '../../test/support/options.ts'
import { endedOf, keysUnder, objectAt, recordOf } from '../../test/support/views.ts'
import { deploy } from './deploy.ts'
import { finish } from './finish.ts'
import { promote } from './promote.ts'
import { resume } from './resume.ts'
import { rollback } from './rollback.ts'
import { status } from './status.ts'

let service: Service

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

beforeEach(async () => {
  service = await createService()
})

async function states(name: string) {
  const { MinSize, DesiredCapacity, Instances = [] } = await service.group(name)
  return { min: MinSize, desired: DesiredCapacity, states: Instances.map((one) => one.LifecycleState) }
}
const serving = { min: 2, desired: 2, states: ['InService', 'InService'] }
const oneKept = { min: 0, desired: 0, states: ['Standby'] }
const empty = { min: 0, desired: 0, states: [] }

/** v2 was deployed and rolled back, and one instance of it was kept. */
async function kept() {
  await service.run(deploy(portsOf(service, 'first'), v2))
  return service.run(rollback(portsOf(service, 'second'), { ...common, keep: 1 }))
}

describe('rollback --keep', () => {
  test('returns the old fleet and leaves so many new instances in Standby, the record open', async () => {
    const before = await service.healthy()
    const result = await kept()
    expect(result).toMatchObject({ outcome: 'rolled-back', exitCode: 0, next: 'switchover finish web' })
    expect(result.text).toMatch(/web runs v1 on web-blue again; 1 instance of v2 is kept .* \(i-[0-9a-f]+\)/)
    expect(await service.healthy()).toEqual(before)
    expect(await states('web-blue')).toEqual(serving)
    expect(await states('web-green')).toEqual(oneKept)
    expect(await recordOf(service)).toMatchObject({
      lease: null,
      deployment: { stage: 'kept', goal: 'rollback' },
    })
    expect(await endedOf(service)).toEqual([])
    expect(await keysUnder(service, 'p/web/reports/')).toHaveLength(3)
  })

  test('of a held deployment keeps the instance whose agent gave up', async () => {
    service.behaviours.set('v2', 'broken')
    await service.run(deploy(portsOf(service, 'a'), { ...v2, onFailure: 'hold' }))
    const result = await service.run(rollback(portsOf(service, 'b'), { ...common, keep: 5 }))
    expect(result).toMatchObject({ outcome: 'rolled-back', exitCode: 0 })
    expect((await states('web-green')).states).toEqual(['Standby', 'Standby'])
    expect(await states('web-blue')).toEqual(serving)
  })

  test('of a canary keeps the canary', async () => {
    await service.run(deploy(portsOf(service, 'a'), { ...v2, canary: { count: 1 } }))
    await service.run(rollback(portsOf(service, 'b'), { ...common, keep: 1 }))
    expect(await states('web-green')).toEqual(oneKept)
    expect(await states('web-blue')).toEqual(serving)
  })

  test('given up and gone on with without flags keeps as many as were asked for', async () => {
    await service.run(deploy(portsOf(service, 'a'), v2))
    const ports = portsOf(service, 'b')
    const work = rollback(ports, { ...common, keep: 1 })
    await service.time.runUntil(() => ports.events.some(({ event }) => event === 'wait'), 600_000)
    ports.stop.abort()
    await expect(service.run(work)).rejects.toMatchObject({ exitCode: 130 })
    const resumed = await service.run(resume(portsOf(service, 'c'), { ...common, takeOver: false }))
    expect(resumed).toMatchObject({ outcome: 'rolled-back', exitCode: 0 })
    expect(await states('web-green')).toEqual(oneKept)
  })
})

describe('while instances are kept', () => {
  test('finish ends them, and history says that the deployment was rolled back', async () => {
    const before = await service.healthy()
    await kept()
    const result = await service.run(finish(portsOf(service, 'c'), common))
    expect(result).toMatchObject({ outcome: 'done', exitCode: 0 })
    expect(result.text).toBe('The kept instances of v2 are gone from web-green; web runs v1 on web-blue.')
    expect(await states('web-green')).toEqual(empty)
    expect(await service.running()).toEqual(before)
    const [entry = ''] = await endedOf(service)
    expect(await objectAt(service, entry)).toMatchObject({
      outcome: 'rolled-back',
      deployment: { failure: null },
    })
    expect(await keysUnder(service, 'p/web/reports/')).toHaveLength(2)
    expect(await recordOf(service)).toMatchObject({ lease: null, deployment: null })
  })

  test('resume has nothing to do, and rollback, promote and another deploy are refused', async () => {
    await kept()
    const next = 'switchover finish web'
    const resumed = await resume(portsOf(service, 'c'), { ...common, takeOver: false })
    expect(resumed).toMatchObject({ exitCode: 0, next })
    const ports = portsOf(service, 'c')
    await expect(rollback(ports, common)).rejects.toMatchObject({ exitCode: 2, next })
    await expect(promote(ports, common)).rejects.toMatchObject({ exitCode: 4, next })
    await expect(deploy(ports, v2)).rejects.toMatchObject({
      exitCode: 4,
      next: 'switchover finish web, or switchover deploy web v2 --finish-previous',
    })
    expect(await states('web-green')).toEqual(oneKept)
  })

  test('status names the finish', async () => {
    await kept()
    const result = await service.run(
      status(portsOf(service, 'c'), {
        service: 'web',
        registry: { dockerConfig: '/nonexistent', insecureRegistries: [] },
      }),
    )
    expect(result).toMatchObject({
      next: 'switchover finish web',
      details: {
        groups: [
          { name: 'web-blue', role: 'live' },
          { name: 'web-green', role: 'kept' },
        ],
      },
    })
    expect(result.text).toContain('v1 is live on web-blue; v2 is rolled back, some of its instances are kept')
  })

  test('deploy --finish-previous ends them first', async () => {
    await kept()
    const v3 = { ...v2, version: 'v3', finishPrevious: true }
    const plan = portsOf(service, 'p')
    await service.run(deploy(plan, { ...v3, plan: true }))
    expect(plan.events).toContainEqual(
      expect.objectContaining({
        text: 'Finish the deployment of v2: end the kept instances of web-green.',
      }),
    )
    expect(await states('web-green')).toEqual(oneKept)
    const result = await service.run(deploy(portsOf(service, 'c'), v3))
    expect(result).toMatchObject({ outcome: 'done', details: { version: 'v3', previousVersion: 'v1' } })
    expect(await states('web-green')).toEqual(serving)
    expect(await endedOf(service)).toHaveLength(1)
  })

  test('one that somebody put back to work stops the finish', async () => {
    await kept()
    const { Instances = [] } = await service.group('web-green')
    const InstanceIds = Instances.flatMap(({ InstanceId }) => InstanceId ?? [])
    await service.clients.autoScaling.send(
      new ExitStandbyCommand({ AutoScalingGroupName: 'web-green', InstanceIds }),
    )
    await service.time.advance(60_000)
    const result = await service.run(finish(portsOf(service, 'c'), common))
    expect(result).toMatchObject({ outcome: 'held', exitCode: 4, next: 'switchover resume web' })
    expect((await states('web-green')).states).toEqual(['InService'])
  })
})

test.each([
  ['', {}, empty],
  [', once, where some are kept,', { keep: 1 }, oneKept],
])(
  'rollback --floor lets the new fleet go early, says so with numbers%s and ends whole',
  async (_, flags, after) => {
    await service.run(deploy(portsOf(service, 'a'), v2))
    const slow = (await service.group('web-blue')).Instances?.[0]?.InstanceId ?? ''
    const ports = portsOf(service, 'b')
    service.intercept = async (call, proceed) => {
      const response = await proceed()
      // The load balancer takes its time with one of the two.
      if (call.operation !== 'DescribeTargetHealth' || (await states('web-green')).desired === 0)
        return response
      const text = Buffer.from(response?.body ?? '').toString()
      const body = text.replace(
        new RegExp(`(<Id>${slow}</Id>[\\s\\S]*?<State>)healthy(</State>)`),
        '$1unhealthy$2',
      )
      return response === null ? null : { ...response, body: Buffer.from(body) }
    }
    const result = await service.run(rollback(ports, { ...common, ...flags, floor: 50 }))
    expect(result).toMatchObject({ outcome: 'rolled-back', exitCode: 0 })
    const warnings = ports.events.flatMap((one) => (one.event === 'warning' ? one.text : []))
    expect(warnings).toEqual([
      expect.stringContaining('1 of 2 instances of web-blue is healthy (--floor 50%)'),
    ])
    expect(await states('web-blue')).toEqual(serving)
    expect(await states('web-green')).toEqual(after)
  },
)
