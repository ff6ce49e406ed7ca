import { UpdateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling'
import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { bucket, portsOf } from '../../test/support/account.ts'
import { createService, type Service } from '../../test/support/fleet.ts'
import { common, v2 } from '../../test/support/options.ts'
import type { Ports } from '../run/ports.ts'
import { deploy } from './deploy.ts'
import { rollback } from './rollback.ts'

let service: Service

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

beforeEach(async () => {
  service = await createService()
})

const v3 = { ...v2, version: 'v3' }

async function hasRecord(): Promise<boolean> {
  const command = new HeadObjectCommand({ Bucket: bucket, Key: 'p/web/deployment.json' })
  return service.clients.s3.send(command).then(
    () => true,
    () => false,
  )
}

/** Ports of a process whose calls of an operation arrive only once it is let go. */
function held(owner: string, operation: string): Ports & { reached: Promise<void>; letGo: () => void } {
  const arrived = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const clients = service.connect(async (call, proceed) => {
    if (call.operation === operation) {
      arrived.resolve()
      await gate.promise
    }
    return proceed()
  })
  return { ...portsOf(service, owner), clients, reached: arrived.promise, letGo: gate.resolve }
}

async function setSize(name: string, sizes: { MinSize?: number; MaxSize?: number }): Promise<void> {
  await service.clients.autoScaling.send(
    new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: name, ...sizes }),
  )
}

describe('what a deployment takes for the originals', () => {
  test('is read after the record: never what another run was about to put back', async () => {
    await setSize('web-green', { MaxSize: 3 })
    await service.run(deploy(portsOf(service, 'first'), v2))
    const slow = held('slow', 'GetObject')
    let second: Promise<unknown> = Promise.resolve()
    service.intercept = async (call, proceed, request) => {
      if (call.operation === 'UpdateAutoScalingGroup' && String(request.body).includes('MaxSize=3')) {
        second = deploy(slow, v2)
        await slow.reached
      }
      return proceed()
    }
    await service.run(rollback(portsOf(service, 'first'), common))
    service.intercept = null
    slow.letGo()
    expect(await service.run(second)).toMatchObject({ exitCode: 0 })
    expect(await service.group('web-green')).toMatchObject({ MaxSize: 4 })
    await service.run(rollback(portsOf(service, 'third'), common))
    expect(await service.group('web-green')).toMatchObject({ MaxSize: 3 })
  })

  test('is read after everything else: an operator at work meanwhile is not overruled later', async () => {
    service.intercept = async (call, proceed) => {
      const response = await proceed()
      if (call.operation !== 'DescribePolicies') return response
      service.intercept = null
      await setSize('web-blue', { MinSize: 1 })
      return response
    }
    await service.run(deploy(portsOf(service, 'a'), v2))
    expect(await service.group('web-green')).toMatchObject({ MinSize: 1 })
    await service.run(rollback(portsOf(service, 'b'), common))
    expect(await service.group('web-blue')).toMatchObject({ MinSize: 1 })
  })
})

describe('--finish-previous', () => {
  test('ends nothing where the new version cannot be deployed', async () => {
    await service.run(deploy(portsOf(service, 'first'), v2))
    const running = await service.running()
    const wish = { ...v3, finishPrevious: true, desired: 5 }
    await expect(service.run(deploy(portsOf(service, 'b'), wish))).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('MaxSize 4'),
    })
    expect(await service.running()).toEqual(running)
    expect(await service.run(rollback(portsOf(service, 'b'), common))).toMatchObject({ exitCode: 0 })
  })

  test('ends nothing where the version is live already', async () => {
    await service.run(deploy(portsOf(service, 'first'), v2))
    const running = await service.running()
    const again = deploy(portsOf(service, 'b'), { ...v2, finishPrevious: true })
    expect(await service.run(again)).toMatchObject({
      exitCode: 0,
      text: expect.stringContaining('live already'),
    })
    expect(await service.running()).toEqual(running)
  })

  test('says what was changed where it is interrupted between the finish and the deploy', async () => {
    await service.run(deploy(portsOf(service, 'first'), v2))
    const ports = portsOf(service, 'b')
    const stopping: typeof ports = {
      ...ports,
      emit: (event) => {
        if (event.event === 'progress' && event.text.includes('is gone from web-blue')) ports.stop.abort()
      },
    }
    const interrupted = service.run(deploy(stopping, { ...v3, finishPrevious: true }))
    await expect(interrupted).rejects.toMatchObject({
      exitCode: 130,
      message: 'Interrupted after the finish of v2, before anything was changed for v3.',
      next: 'switchover deploy web v3',
    })
    expect(await service.group('web-blue')).toMatchObject({ DesiredCapacity: 0, Instances: [] })
  })

  test('warns of and refuses in a plan what it would in earnest', async () => {
    await service.run(deploy(portsOf(service, 'first'), v2))
    const wish = { ...v3, finishPrevious: true, plan: true }
    const ports = portsOf(service, 'b')
    expect(await service.run(deploy(ports, { ...wish, desired: 1 }))).toMatchObject({ exitCode: 0 })
    const warnings = ports.events.flatMap((event) => (event.event === 'warning' ? event.text : []))
    expect(warnings).toContainEqual(expect.stringContaining('--desired 1 is less than the 2'))
    const tooMany = deploy(portsOf(service, 'b'), { ...wish, desired: 5 })
    await expect(service.run(tooMany)).rejects.toMatchObject({ exitCode: 2 })
  })
})

describe('an interrupt before anything was begun', () => {
  test('leaves no deployment behind', async () => {
    const ports = portsOf(service, 'a')
    service.intercept = async (call, proceed) => {
      if (call.operation === 'DescribePolicies') ports.stop.abort()
      return proceed()
    }
    await expect(service.run(deploy(ports, v2))).rejects.toMatchObject({ exitCode: 130, next: null })
    expect(await hasRecord()).toBe(false)
  })
})
