import { UpdateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling'
import { CreateLaunchTemplateCommand } from '@aws-sdk/client-ec2'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { portsOf } from '../../test/support/account.ts'
import { createService, type Service } from '../../test/support/fleet.ts'
import { common, v2 } from '../../test/support/options.ts'
import { endedOf, keysUnder, recordOf } from '../../test/support/views.ts'
import { deploy } from './deploy.ts'
import { finish } from './finish.ts'
import { resume } from './resume.ts'
import { rollback } from './rollback.ts'

let service: Service

// Minutes of simulated time in the work of a second or two, on a machine that may have other things to do.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

beforeEach(async () => {
  service = await createService()
})

async function sizes(name: string) {
  const {
    MinSize,
    MaxSize,
    DesiredCapacity,
    Instances = [],
    SuspendedProcesses = [],
  } = await service.group(name)
  const suspended = SuspendedProcesses.flatMap(({ ProcessName }) => ProcessName ?? []).toSorted()
  const states = Instances.map(({ LifecycleState }) => LifecycleState)
  return { min: MinSize, max: MaxSize, desired: DesiredCapacity, states, suspended }
}

const parked = { min: 0, max: 4, desired: 0, states: ['Standby', 'Standby'] }
const serving = { min: 2, max: 4, desired: 2, states: ['InService', 'InService'], suspended: [] }
const empty = { min: 0, max: 4, desired: 0, states: [], suspended: [] }

async function deployed(): Promise<void> {
  await service.run(deploy(portsOf(service, 'first'), v2))
}

describe('deploy', () => {
  test('moves all traffic to the new version and leaves the old fleet parked', async () => {
    const before = await service.healthy()
    const ports = portsOf(service, 'a')
    const result = await service.run(deploy(ports, v2))
    expect(result).toMatchObject({
      outcome: 'done',
      exitCode: 0,
      details: { version: 'v2', previousVersion: 'v1' },
    })
    expect(result.details['switchedMs']).toBeLessThan(result.details['endedMs'] as number)
    expect(await sizes('web-blue')).toMatchObject({
      ...parked,
      suspended: ['AZRebalance', 'AlarmNotification', 'ScheduledActions'],
    })
    expect(await sizes('web-green')).toEqual(serving)
    const after = await service.healthy()
    expect(after).toHaveLength(2)
    expect(after.filter((id) => before.includes(id))).toEqual([])
    expect(await recordOf(service)).toMatchObject({
      lease: null,
      deployment: { stage: 'parked', goal: 'deploy' },
    })
    expect(ports.events.filter(({ event }) => event === 'progress')).toHaveLength(1)
  })

  test('of a version that never comes up fails with its cause, and leaves everything as it was', async () => {
    service.behaviours.set('v2', 'broken')
    const before = [await sizes('web-blue'), await service.healthy()]
    const result = await service.run(deploy(portsOf(service, 'a'), v2))
    expect(result).toMatchObject({ outcome: 'failed', exitCode: 1 })
    expect(result.text).toContain('The app never answered.')
    expect(result.text).toContain('web | panic: no database')
    expect([await sizes('web-blue'), await service.healthy()]).toEqual(before)
    expect(await sizes('web-green')).toEqual(empty)
    expect(await recordOf(service)).toMatchObject({ lease: null, deployment: null })
  })

  test('whose launches AWS refuses for good fails in seconds, with the words of AWS', async () => {
    const { clients } = service
    const data = { ImageId: 'ami-0123456789abcdef0', InstanceType: 't3.small' as const }
    await clients.ec2.send(
      new CreateLaunchTemplateCommand({ LaunchTemplateName: 'bad', LaunchTemplateData: data }),
    )
    const LaunchTemplate = { LaunchTemplateName: 'bad', Version: '$Latest' }
    await clients.autoScaling.send(
      new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'web-green', LaunchTemplate }),
    )
    const began = service.time.now()
    const result = await service.run(deploy(portsOf(service, 'a'), v2))
    expect(result).toMatchObject({ outcome: 'failed', exitCode: 1 })
    expect(result.text).toContain("The image id '[ami-0123456789abcdef0]' does not exist")
    expect(service.time.now() - began).toBeLessThan(60_000)
    expect(await sizes('web-blue')).toEqual(serving)
    expect(await sizes('web-green')).toEqual(empty)
  })

  test('that failed under --on-failure hold waits for a person, who may roll back', async () => {
    service.behaviours.set('v2', 'broken')
    const result = await service.run(deploy(portsOf(service, 'a'), { ...v2, onFailure: 'hold' }))
    expect(result).toMatchObject({ outcome: 'held', exitCode: 4 })
    expect(await recordOf(service)).toMatchObject({ lease: null, deployment: { stage: 'held' } })
    await expect(finish(portsOf(service, 'b'), common)).rejects.toMatchObject({ exitCode: 4 })
    expect(await service.run(rollback(portsOf(service, 'b'), common))).toMatchObject({ exitCode: 0 })
    expect(await sizes('web-blue')).toEqual(serving)
    expect(await sizes('web-green')).toEqual(empty)
  })

  test('of another version is refused while the old fleet is parked, unless --finish-previous', async () => {
    await deployed()
    const v3 = { ...v2, version: 'v3' }
    await expect(deploy(portsOf(service, 'b'), v3)).rejects.toMatchObject({ exitCode: 4 })
    const result = await service.run(deploy(portsOf(service, 'b'), { ...v3, finishPrevious: true }))
    expect(result).toMatchObject({ outcome: 'done', details: { version: 'v3', previousVersion: 'v2' } })
    expect(await sizes('web-green')).toMatchObject(parked)
    expect(await sizes('web-blue')).toEqual(serving)
  })

  test('of an unknown service changes nothing', async () => {
    await expect(deploy(portsOf(service, 'a'), { ...v2, service: 'shop' })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('switchover:service=shop'),
    })
    expect(await keysUnder(service, 'p/')).not.toContain('p/web/deployment.json')
  })
})

describe('rollback', () => {
  test('brings the same instances back and launches none', async () => {
    const before = await service.healthy()
    await deployed()
    const known = await service.running()
    const result = await service.run(rollback(portsOf(service, 'b'), common))
    expect(result).toMatchObject({ outcome: 'rolled-back', exitCode: 0 })
    expect(await service.healthy()).toEqual(before)
    expect(known).toEqual(expect.arrayContaining(await service.running()))
    expect(await sizes('web-blue')).toEqual(serving)
    expect(await sizes('web-green')).toEqual(empty)
    expect(await recordOf(service)).toMatchObject({ lease: null, deployment: null })
  })

  test('with nothing open is refused', async () => {
    await expect(rollback(portsOf(service, 'b'), common)).rejects.toMatchObject({ exitCode: 2 })
  })
})

describe('finish', () => {
  test('ends the parked instances, their reports too, and touches nothing that serves', async () => {
    const before = await service.healthy()
    await deployed()
    const after = await service.healthy()
    const result = await service.run(finish(portsOf(service, 'b'), common))
    expect(result).toMatchObject({ outcome: 'done', exitCode: 0 })
    expect(await sizes('web-blue')).toEqual(empty)
    expect(await sizes('web-green')).toEqual(serving)
    expect(await service.running()).toEqual(after)
    const reports = await keysUnder(service, 'p/web/reports/')
    expect(before.filter((id) => reports.some((key) => key.includes(id)))).toEqual([])
    expect(reports).toHaveLength(2)
    expect(await endedOf(service)).toHaveLength(1)
    expect(await recordOf(service)).toEqual({ schema: 1, service: 'web', lease: null, deployment: null })
  })
})

describe('two coordinators', () => {
  test('never both act: while a lease stands every changing command is refused at once', async () => {
    const first = service.run(deploy(portsOf(service, 'first'), v2))
    let seen: unknown[] = []
    service.intercept = async (call, proceed) => {
      const response = await proceed()
      if (call.operation !== 'UpdateAutoScalingGroup') return response
      service.intercept = null
      const second = portsOf(service, 'second')
      const commands = [deploy(second, v2), rollback(second, common), finish(second, common)]
      seen = (await Promise.allSettled(commands)).map((one) =>
        one.status === 'rejected' ? one.reason : one.value,
      )
      return response
    }
    await first
    expect(seen).toHaveLength(3)
    for (const one of seen)
      expect(one).toMatchObject({ exitCode: 3, message: expect.stringContaining('first') })
  })

  test('resume takes over from one that died, once its lease has run out', async () => {
    const dead = portsOf(service, 'dead')
    let killed = false
    service.intercept = async (call, proceed) => {
      if (call.operation === 'EnterStandby') killed = true
      // From here on nothing of the dead one arrives, its renewals included.
      return killed ? null : proceed()
    }
    const lost = deploy(dead, v2)
    lost.catch(() => undefined)
    await service.time.runUntil(() => killed, 7_200_000)
    dead.stop.abort()
    await service.time.advance(100)
    await expect(lost).rejects.toMatchObject({ exitCode: 130 })
    service.intercept = null
    expect((await recordOf(service)).lease?.owner).toBe('dead')
    const heir = portsOf(service, 'heir')
    const result = await service.run(resume(heir, { ...common, takeOver: false }))
    expect(result).toMatchObject({ outcome: 'done', exitCode: 0 })
    expect(heir.events[0]).toMatchObject({ event: 'wait', waitingFor: 'the lease of dead' })
    expect(await sizes('web-green')).toEqual(serving)
    expect(await sizes('web-blue')).toMatchObject(parked)
  })

  test('resume leaves one that is alive alone', async () => {
    const ports = portsOf(service, 'alive')
    const first = deploy(ports, v2)
    await service.time.runUntil(() => ports.events.some(({ event }) => event === 'wait'), 600_000)
    const refused = resume(portsOf(service, 'heir'), { ...common, takeOver: false })
    await expect(service.run(refused)).rejects.toMatchObject({ exitCode: 3 })
    await service.run(first)
  })

  test('resume with nothing to do says so', async () => {
    const none = await resume(portsOf(service, 'a'), { ...common, takeOver: false })
    expect(none).toMatchObject({ exitCode: 0, outcome: 'done' })
    await deployed()
    expect(await resume(portsOf(service, 'a'), { ...common, takeOver: false })).toMatchObject({ exitCode: 0 })
  })
})

describe('an interrupt', () => {
  test('ends in good order: lease given back, and the same deploy given again goes on', async () => {
    const ports = portsOf(service, 'a')
    const first = deploy(ports, v2)
    await service.time.runUntil(() => ports.events.some(({ event }) => event === 'wait'), 600_000)
    ports.stop.abort()
    await expect(service.run(first)).rejects.toMatchObject({
      exitCode: 130,
      outcome: 'interrupted',
      next: 'switchover resume web',
    })
    expect(await recordOf(service)).toMatchObject({ lease: null, deployment: { stage: 'running' } })
    await expect(deploy(portsOf(service, 'b'), { ...v2, version: 'v3' })).rejects.toMatchObject({
      exitCode: 4,
    })
    await expect(finish(portsOf(service, 'b'), common)).rejects.toMatchObject({ exitCode: 4 })
    expect(await service.run(deploy(portsOf(service, 'b'), v2))).toMatchObject({ exitCode: 0 })
    expect(await sizes('web-green')).toEqual(serving)
  })
})
