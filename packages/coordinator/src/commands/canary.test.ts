import { UpdateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling'
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { portsOf } from '../../test/support/account.ts'
import { createService, type Service } from '../../test/support/fleet.ts'
import { common, v2 } from '../../test/support/options.ts'
import { groupOf, recordOf } from '../../test/support/views.ts'
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

const canary = { ...v2, canary: { count: 1 } }
const bakeMs = 600_000
const goOn = { ...common, takeOver: false }

async function group(name: string) {
  const { sizes, states, suspended } = await groupOf(service, name)
  return { sizes, states, suspended: suspended.length }
}

const live = { sizes: [2, 4, 2], states: ['InService', 'InService'], suspended: 0 }
const empty = { sizes: [0, 4, 0], states: [], suspended: 0 }
const parked = { sizes: [0, 4, 0], states: ['Standby', 'Standby'], suspended: 3 }

const setLive = async (sizes: { MinSize?: number; MaxSize?: number; DesiredCapacity?: number }) =>
  service.clients.autoScaling.send(
    new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'web-blue', ...sizes }),
  )

async function held(): Promise<void> {
  await service.run(deploy(portsOf(service, 'first'), canary))
}

describe('deploy --canary', () => {
  test('leaves canaries beside the whole live group, of which nothing was changed', async () => {
    const before = await service.group('web-blue')
    const changed: string[] = []
    service.intercept = async (call, proceed, request) => {
      if (!/^(Describe|Get|List|Put)/.test(call.operation)) changed.push(String(request.body))
      return proceed()
    }
    const result = await service.run(deploy(portsOf(service, 'a'), canary))
    service.intercept = null
    expect(result).toMatchObject({
      exitCode: 0,
      outcome: 'held',
      text: expect.stringMatching(/^1 canary of v2 serves on web-green/),
      next: 'switchover promote web, or switchover rollback web',
    })
    expect(changed.length).toBeGreaterThan(0)
    expect(changed.filter((body) => body.includes('web-blue'))).toEqual([])
    expect(await service.group('web-blue')).toEqual(before)
    expect(await group('web-green')).toEqual({ sizes: [1, 4, 1], states: ['InService'], suspended: 0 })
    expect(await service.healthy()).toHaveLength(3)
    expect(await recordOf(service)).toMatchObject({
      lease: null,
      deployment: { goal: 'canary', stage: 'canary' },
    })
  })

  test('lets live scale both ways', async () => {
    await held()
    await setLive({ MinSize: 1, DesiredCapacity: 1 })
    await service.time.advance(300_000)
    expect((await group('web-blue')).states).toEqual(['InService'])
    await setLive({ DesiredCapacity: 3 })
    await service.time.advance(300_000)
    expect((await group('web-blue')).states).toHaveLength(3)
  })

  test.each([
    [{ count: 2 }, 'be no part of them'],
    [{ percent: 100 }, 'be no part of them'],
  ])('of %o beside two instances is refused', async (size, words) => {
    const before = await service.running()
    await expect(deploy(portsOf(service, 'a'), { ...v2, canary: size })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(words),
    })
    expect(await service.running()).toEqual(before)
  })

  test('of a few percent is one instance', async () => {
    await service.run(deploy(portsOf(service, 'a'), { ...v2, canary: { percent: 1 } }))
    expect((await recordOf(service)).deployment?.flags.canary).toBe(1)
  })

  test('of a version that never comes up fails with its cause, and leaves live alone', async () => {
    service.behaviours.set('v2', 'broken')
    const result = await service.run(deploy(portsOf(service, 'a'), canary))
    expect(result).toMatchObject({ exitCode: 1, outcome: 'failed' })
    expect(result.text).toContain('The app never answered.')
    expect([await group('web-blue'), await group('web-green')]).toEqual([live, empty])
    expect(await recordOf(service)).toMatchObject({ lease: null, deployment: null })
  })
})

describe('while a canary serves', () => {
  test('deploy is refused, of its own version and of another, and so is finish', async () => {
    await held()
    const again = [
      deploy(portsOf(service, 'b'), canary),
      deploy(portsOf(service, 'b'), { ...v2, version: 'v3' }),
    ]
    const other = [
      deploy(portsOf(service, 'b'), { ...v2, version: 'v3', finishPrevious: true }),
      finish(portsOf(service, 'b'), common),
    ]
    for (const refused of await Promise.allSettled([...again, ...other]))
      expect(refused).toMatchObject({
        status: 'rejected',
        reason: { exitCode: 4, next: 'switchover promote web, or switchover rollback web' },
      })
  })

  test('resume has nothing to do and says what can be done', async () => {
    await held()
    expect(await resume(portsOf(service, 'b'), goOn)).toMatchObject({
      exitCode: 0,
      text: expect.stringContaining('canary'),
      next: 'switchover promote web, or switchover rollback web',
    })
  })

  test('status shows which group is the canary', async () => {
    await held()
    const { next, text, details } = await status(portsOf(service, 'b'), { service: 'web', registry: v2 })
    expect(text).toBe('web: v1 is live on web-blue; v2 is a canary beside the live group.')
    expect(next).toBe('switchover promote web, or switchover rollback web')
    expect(details.groups.map(({ role }) => role)).toEqual(['live', 'canary'])
  })
})

describe('promote', () => {
  test('goes on to the whole deployment with the same record', async () => {
    await held()
    const { deployment: before } = await recordOf(service)
    const result = await service.run(promote(portsOf(service, 'b'), common))
    expect(result).toMatchObject({ exitCode: 0, outcome: 'done', details: { id: before?.id } })
    expect(await group('web-blue')).toEqual(parked)
    expect(await group('web-green')).toEqual(live)
    expect(await recordOf(service)).toMatchObject({
      lease: null,
      deployment: { goal: 'deploy', stage: 'parked' },
    })
  })

  test('takes live as it is now, and a rollback gives that back', async () => {
    await held()
    await setLive({ MinSize: 1, MaxSize: 5, DesiredCapacity: 3 })
    await service.time.advance(300_000)
    await service.run(promote(portsOf(service, 'b'), common))
    expect(await group('web-green')).toMatchObject({ sizes: [1, 5, 3] })
    await service.run(rollback(portsOf(service, 'c'), common))
    expect(await group('web-blue')).toMatchObject({ sizes: [1, 5, 3] })
    expect(await group('web-green')).toEqual(empty)
  })

  test('with nothing to promote is refused', async () => {
    const refused = { exitCode: 2, message: expect.stringContaining('nothing to promote') }
    await expect(promote(portsOf(service, 'a'), common)).rejects.toMatchObject(refused)
    await service.run(deploy(portsOf(service, 'a'), v2))
    await expect(promote(portsOf(service, 'a'), common)).rejects.toMatchObject(refused)
  })

  test('of what is promoted already is refused', async () => {
    await held()
    await service.run(promote(portsOf(service, 'b'), common))
    await expect(promote(portsOf(service, 'b'), common)).rejects.toMatchObject({ exitCode: 2 })
  })

  test('after an interruption goes on, as resume would', async () => {
    await held()
    const ports = portsOf(service, 'b')
    const first = promote(ports, common)
    await service.time.runUntil(() => ports.events.some(({ event }) => event === 'wait'), 600_000)
    ports.stop.abort()
    await expect(service.run(first)).rejects.toMatchObject({ exitCode: 130 })
    expect(await service.run(promote(portsOf(service, 'c'), common))).toMatchObject({ exitCode: 0 })
    expect(await group('web-green')).toEqual(live)
  })
})

describe('rollback', () => {
  test('ends the canary and touches nothing of live', async () => {
    await held()
    await setLive({ MinSize: 1, MaxSize: 5 })
    const result = await service.run(rollback(portsOf(service, 'b'), common))
    expect(result).toMatchObject({ exitCode: 0, outcome: 'rolled-back' })
    expect(await group('web-blue')).toEqual({ ...live, sizes: [1, 5, 2] })
    expect(await group('web-green')).toEqual(empty)
    const { Tags = [] } = await service.group('web-green')
    expect(Tags).toContainEqual(expect.objectContaining({ Key: 'switchover:version', Value: 'v1' }))
  })
})

describe('rollback --keep', () => {
  test('parks the canary for a post-mortem, touches nothing of live, and finish ends it', async () => {
    await held()
    const before = await service.group('web-blue')
    const result = await service.run(rollback(portsOf(service, 'b'), { ...common, keep: 1 }))
    expect(result).toMatchObject({ exitCode: 0 })
    expect(await group('web-green')).toMatchObject({ states: ['Standby'] })
    expect(await service.group('web-blue')).toEqual(before)
    expect(await service.run(finish(portsOf(service, 'c'), common))).toMatchObject({ exitCode: 0 })
    expect([await group('web-blue'), await group('web-green')]).toEqual([live, empty])
  })
})

describe('a bake', () => {
  test('of a canary is waited out, and then it promotes itself', async () => {
    const ports = portsOf(service, 'a')
    const began = service.time.now()
    const result = await service.run(deploy(ports, { ...canary, bakeMs }))
    expect(result).toMatchObject({ exitCode: 0, outcome: 'done' })
    expect(service.time.now() - began).toBeGreaterThan(bakeMs)
    expect(ports.events).toContainEqual(expect.objectContaining({ event: 'step', step: 'promote' }))
    expect([await group('web-blue'), await group('web-green')]).toEqual([parked, live])
  })

  test('of a canary in which canaries keep dying fails, and leaves live alone', async () => {
    const ports = portsOf(service, 'a')
    const work = deploy(ports, { ...canary, bakeMs })
    const baking = () => ports.events.some((one) => one.event === 'step' && one.step === 'mark-bake')
    await service.time.runUntil(baking, 600_000)
    for (let n = 0; n < 2; n += 1) {
      const { Instances = [] } = await service.group('web-green')
      const InstanceIds = Instances.flatMap((one) =>
        one.LifecycleState === 'InService' ? (one.InstanceId ?? []) : [],
      )
      await service.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds }))
      await service.time.advance(120_000)
    }
    expect(await service.run(work)).toMatchObject({
      exitCode: 1,
      outcome: 'failed',
      text: expect.stringContaining('web-green replaced 2 instances'),
    })
    expect([await group('web-blue'), await group('web-green')]).toEqual([live, empty])
  })

  test('that was interrupted goes on with the time that remains', async () => {
    const ports = portsOf(service, 'a')
    const work = deploy(ports, { ...canary, bakeMs })
    const baking = () => ports.events.some((one) => one.event === 'step' && one.step === 'mark-bake')
    await service.time.runUntil(baking, 600_000)
    const began = service.time.now()
    await service.time.advance(bakeMs / 2)
    ports.stop.abort()
    await expect(service.run(work)).rejects.toMatchObject({ exitCode: 130 })
    const heir = portsOf(service, 'b')
    const rest = resume(heir, goOn)
    await service.time.runUntil(
      () => heir.events.some((one) => one.event === 'step' && one.step === 'promote'),
      bakeMs,
    )
    expect(service.time.now() - began).toBeGreaterThanOrEqual(bakeMs)
    expect(service.time.now() - began).toBeLessThan(bakeMs + 30_000)
    expect(await service.run(rest)).toMatchObject({ exitCode: 0, outcome: 'done' })
  })

  test('shows in status until when it lasts', async () => {
    const ports = portsOf(service, 'a')
    const work = deploy(ports, { ...canary, bakeMs })
    const baking = () => ports.events.some((one) => one.event === 'step' && one.step === 'mark-bake')
    await service.time.runUntil(baking, 600_000)
    await service.time.advance(1_000)
    const { details } = await service.run(status(portsOf(service, 'b'), { service: 'web', registry: v2 }))
    const until = Date.parse(details.deployment?.watchedUntil ?? '')
    expect(until - service.time.now()).toBeGreaterThan(bakeMs - 10_000)
    expect(until - service.time.now()).toBeLessThanOrEqual(bakeMs)
    expect(await service.run(work)).toMatchObject({ exitCode: 0 })
  })

  test('of a canary that is interrupted goes on when the same deploy is given again', async () => {
    const ports = portsOf(service, 'a')
    const work = deploy(ports, { ...canary, bakeMs })
    const baking = () => ports.events.some((one) => one.event === 'step' && one.step === 'mark-bake')
    await service.time.runUntil(baking, 600_000)
    ports.stop.abort()
    await expect(service.run(work)).rejects.toMatchObject({ exitCode: 130 })
    const other = { ...canary, version: 'v3' }
    await expect(deploy(portsOf(service, 'b'), other)).rejects.toMatchObject({ exitCode: 4 })
    const again = await service.run(deploy(portsOf(service, 'b'), { ...canary, bakeMs }))
    expect(again).toMatchObject({ exitCode: 0, outcome: 'done' })
  })

  test('of the whole begins once the old fleet is parked', async () => {
    const ports = portsOf(service, 'a')
    const work = deploy(ports, { ...v2, bakeMs })
    const baking = () => ports.events.some((one) => one.event === 'step' && one.step === 'mark-bake')
    await service.time.runUntil(baking, 600_000)
    expect([await group('web-blue'), await group('web-green')]).toEqual([parked, live])
    expect(await service.run(work)).toMatchObject({ exitCode: 0, outcome: 'done' })
  })
})

const waitingToFinish = (ports: ReturnType<typeof portsOf>) =>
  service.time.runUntil(
    () => ports.events.some((one) => one.event === 'wait' && one.waitingFor.startsWith('the time to finish')),
    600_000,
  )

describe('--finish-after', () => {
  const finishing = { ...v2, finishAfterMs: 3_600_000 }
  test('keeps the old fleet parked for that long, then finishes in the same run', async () => {
    const began = service.time.now()
    const result = await service.run(deploy(portsOf(service, 'a'), finishing))
    expect(result).toMatchObject({
      exitCode: 0,
      outcome: 'done',
      text: expect.stringContaining('gone from web-blue'),
    })
    expect(service.time.now() - began).toBeGreaterThan(3_600_000)
    expect([await group('web-blue'), await group('web-green')]).toEqual([empty, live])
    expect(await recordOf(service)).toMatchObject({ lease: null, deployment: null })
  })

  test.each([
    ['resume goes on with it', (ports: ReturnType<typeof portsOf>) => resume(ports, goOn), [empty, live]],
    [
      'rollback still brings the old fleet back',
      (ports: ReturnType<typeof portsOf>) => rollback(ports, common),
      [live, empty],
    ],
    [
      'finish by hand does not wait',
      (ports: ReturnType<typeof portsOf>) => finish(ports, common),
      [empty, live],
    ],
  ])('interrupted: %s', async (_, command, expected) => {
    const ports = portsOf(service, 'a')
    const work = deploy(ports, finishing)
    await waitingToFinish(ports)
    ports.stop.abort()
    await expect(service.run(work)).rejects.toMatchObject({ exitCode: 130 })
    expect(await service.run(command(portsOf(service, 'b')))).toMatchObject({ exitCode: 0 })
    expect([await group('web-blue'), await group('web-green')]).toEqual(expected)
  })

  test('holds for a promoted canary, too', async () => {
    await service.run(deploy(portsOf(service, 'a'), { ...finishing, canary: { count: 1 } }))
    await service.run(promote(portsOf(service, 'b'), common))
    expect([await group('web-blue'), await group('web-green')]).toEqual([empty, live])
  })
})
