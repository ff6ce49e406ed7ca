import { DeleteAlarmsCommand, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { portsOf } from '../../test/support/account.ts'
import { createService, type Service } from '../../test/support/fleet.ts'
import { common, v2 } from '../../test/support/options.ts'
import { groupOf, recordOf } from '../../test/support/views.ts'
import type { DeployOptions } from './options.ts'
import { deploy } from './deploy.ts'
import { finish } from './finish.ts'
import { promote } from './promote.ts'
import { resume } from './resume.ts'
import { rollback } from './rollback.ts'

let service: Service
let changes: string[]

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

beforeEach(async () => {
  service = await createService()
  for (const name of ['web-5xx', 'web-slow'])
    await service.clients.cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName: name,
        Namespace: 'AWS/ApplicationELB',
        MetricName: 'HTTPCode_Target_5XX_Count',
        Statistic: 'Sum',
        Period: 10,
        EvaluationPeriods: 1,
        Threshold: 5,
        ComparisonOperator: 'GreaterThanThreshold',
      }),
    )
  changes = []
  service.intercept = async (call, proceed) => {
    if (!/^(Describe|Get|List|Head)/.test(call.operation)) changes.push(call.operation)
    return proceed()
  }
})

const bakeMs = 600_000
const watched: DeployOptions = { ...v2, alarms: ['web-5xx', 'web-slow'] }
const baking: DeployOptions = { ...watched, bakeMs }
const canary: DeployOptions = { ...baking, canary: { count: 1 } }
const reason = 'Threshold Crossed: 1 datapoint [17.0] was greater than the threshold (5.0).'
const sentence = `The alarm web-5xx rings: ${reason}`
const goOn = { ...common, takeOver: false }

/** By hand, as CloudWatch would when it has measured. */
const turns = async (StateValue: 'OK' | 'ALARM', AlarmName = 'web-5xx') =>
  service.clients.cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: reason }))

async function group(name: string) {
  const { sizes, ids, suspended } = await groupOf(service, name)
  return { sizes, ids, suspended: suspended.length }
}

type Seen = ReturnType<typeof portsOf>

/** Lets a command run until it waits for this, and leaves it there. */
const until = (ports: Seen, words: string) =>
  service.time.runUntil(
    () => ports.events.some((one) => one.event === 'wait' && one.waitingFor.includes(words)),
    3_600_000,
  )

describe('an alarm at the start', () => {
  test('that rings is refused before anything is changed, and named with its reason', async () => {
    await turns('ALARM')
    changes = []
    await expect(deploy(portsOf(service, 'a'), watched)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(sentence),
    })
    expect(changes).toEqual([])
  })

  test('that does not exist is refused', async () => {
    const options = { ...watched, alarms: ['web-5xx', 'web-4xx', 'gone'] }
    await expect(deploy(portsOf(service, 'a'), options)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(
        /There is no CloudWatch alarm web-4xx.*\n.*There is no CloudWatch alarm gone/s,
      ),
    })
  })

  test('that may not be read is refused', async () => {
    const body = Buffer.from(
      JSON.stringify({
        __type: 'AccessDenied',
        message: 'not authorized to perform: cloudwatch:DescribeAlarms',
      }),
    )
    service.intercept = async (call, proceed) =>
      call.operation === 'DescribeAlarms'
        ? { status: 403, headers: { 'content-type': 'application/json' }, body }
        : proceed()
    await expect(deploy(portsOf(service, 'a'), watched)).rejects.toMatchObject({ exitCode: 2 })
  })

  test('that has insufficient data is fine', async () => {
    expect(await service.run(deploy(portsOf(service, 'a'), watched))).toMatchObject({ exitCode: 0 })
  })

  test('that rings is not heeded under --ignore-alarms, which is said; the others are', async () => {
    await turns('ALARM', 'web-slow')
    const ports = portsOf(service, 'a')
    const work = deploy(ports, { ...baking, ignoreAlarms: true })
    await until(ports, 'the end of the bake')
    expect(ports.events).toContainEqual(
      expect.objectContaining({ event: 'warning', text: expect.stringContaining('web-slow rings already') }),
    )
    expect((await recordOf(service)).deployment?.flags).toMatchObject({
      alarms: ['web-5xx'],
      ignoredAlarms: ['web-slow'],
    })
    await turns('ALARM')
    expect(await service.run(work)).toMatchObject({ exitCode: 1, text: expect.stringContaining('web-5xx') })
  })
})

describe('an alarm that begins to ring', () => {
  test.each<[string, DeployOptions, string]>([
    ['while a canary bakes', canary, 'the end of the bake'],
    ['while new instances come up', watched, 'ready instances'],
    ['while the old fleet drains', watched, 'to drain'],
    ['while the new fleet bakes', baking, 'the end of the bake'],
    ['before the finish', { ...watched, finishAfterMs: 7_200_000 }, 'the time to finish'],
  ])('%s leads back in seconds, to the same instances', async (_, options, waiting) => {
    const before = await group('web-blue')
    const ports = portsOf(service, 'a')
    const work = deploy(ports, options)
    await until(ports, waiting)
    await turns('ALARM')
    const rang = service.time.now()
    await service.time.runUntil(
      () => ports.events.some((one) => one.event === 'step' && one.step === 'turn-back'),
      600_000,
    )
    expect(service.time.now() - rang).toBeLessThanOrEqual(6 * ports.pollMs)
    const result = await service.run(work)
    expect(result).toMatchObject({ exitCode: 1, outcome: 'failed' })
    expect(result.text).toMatch(/ web runs v1 on web-blue \(going back took [\dms.]+\)\.$/)
    expect(result.text).toContain(`v2 was not deployed: ${sentence} web runs v1`)
    expect(await group('web-blue')).toEqual(before)
    expect(await group('web-green')).toEqual({ sizes: [0, 4, 0], ids: [], suspended: 0 })
    expect(await recordOf(service)).toMatchObject({ lease: null, deployment: null })
  })

  test('under --on-failure hold leaves it to a person, who can wait it out or go back', async () => {
    const ports = portsOf(service, 'a')
    const work = deploy(ports, { ...canary, onFailure: 'hold' })
    await until(ports, 'the end of the bake')
    await turns('ALARM')
    expect(await service.run(work)).toMatchObject({
      exitCode: 4,
      outcome: 'held',
      next: 'switchover rollback web, or switchover resume web',
    })
    await expect(promote(portsOf(service, 'b'), common)).rejects.toMatchObject({
      exitCode: 2,
      message: sentence,
    })
    expect(await service.run(resume(portsOf(service, 'b'), goOn))).toMatchObject({ exitCode: 4 })
    await turns('OK')
    expect(await service.run(resume(portsOf(service, 'b'), goOn))).toMatchObject({
      exitCode: 0,
      outcome: 'done',
    })
  })

  test('does not stop a rollback', async () => {
    await service.run(deploy(portsOf(service, 'a'), watched))
    await turns('ALARM')
    const ports = portsOf(service, 'b')
    expect(await service.run(rollback(ports, common))).toMatchObject({ exitCode: 0 })
    expect(ports.events.filter(({ event }) => event === 'warning')).toEqual([])
  })
})

const running = async () => ({ running: await service.running(), changes })

describe('finish while an alarm of the deployment rings', () => {
  test('is refused, by hand and before the next deployment, and nothing is changed', async () => {
    await service.run(deploy(portsOf(service, 'a'), watched))
    await turns('ALARM')
    changes = []
    const before = await running()
    const next = { ...v2, version: 'v3', finishPrevious: true }
    for (const refused of await Promise.allSettled([
      finish(portsOf(service, 'b'), common),
      deploy(portsOf(service, 'b'), next),
      deploy(portsOf(service, 'b'), { ...next, plan: true }),
    ]))
      expect(refused).toMatchObject({ status: 'rejected', reason: { exitCode: 2, message: sentence } })
    expect(await running()).toEqual(before)
    expect(changes).toEqual([])
  })

  test('is done under --ignore-alarms', async () => {
    await service.run(deploy(portsOf(service, 'a'), watched))
    await turns('ALARM')
    const result = await service.run(finish(portsOf(service, 'b'), { ...common, ignoreAlarms: true }))
    expect(result).toMatchObject({ exitCode: 0, outcome: 'done' })
  })

  test('is refused, too, where the deployment was held for it, unless a person insists', async () => {
    const ports = portsOf(service, 'a')
    const work = deploy(ports, { ...watched, finishAfterMs: 7_200_000, onFailure: 'hold' })
    await until(ports, 'the time to finish')
    await turns('ALARM')
    expect(await service.run(work)).toMatchObject({ exitCode: 4, outcome: 'held' })
    await expect(finish(portsOf(service, 'b'), common)).rejects.toMatchObject({ exitCode: 2 })
    const insisted = finish(portsOf(service, 'b'), { ...common, ignoreAlarms: true })
    expect(await service.run(insisted)).toMatchObject({ exitCode: 0, outcome: 'done' })
    expect(await group('web-blue')).toMatchObject({ sizes: [0, 4, 0], ids: [] })
  })

  test('goes on where it was begun before', async () => {
    await service.run(deploy(portsOf(service, 'a'), watched))
    const ports = portsOf(service, 'b')
    const work = finish(ports, common)
    await until(ports, 'to be terminated')
    ports.stop.abort()
    await expect(service.run(work)).rejects.toMatchObject({ exitCode: 130 })
    await turns('ALARM')
    expect(await service.run(resume(portsOf(service, 'c'), goOn))).toMatchObject({ exitCode: 0 })
    expect(await group('web-blue')).toEqual({ sizes: [0, 4, 0], ids: [], suspended: 0 })
    const { Tags = [] } = await service.group('web-blue')
    expect(Tags).toContainEqual(expect.objectContaining({ Key: 'switchover:version', Value: 'v2' }))
  })
})

/** From here on no question about alarms is answered. */
const silence = () => {
  service.intercept = async (call, proceed) => (call.operation === 'DescribeAlarms' ? null : proceed())
}

describe('CloudWatch out of reach', () => {
  test('stops no switch, and is said once', async () => {
    const ports = portsOf(service, 'a')
    const work = deploy(ports, watched)
    await until(ports, 'ready instances')
    silence()
    expect(await service.run(work)).toMatchObject({ exitCode: 0, outcome: 'done' })
    const warnings = ports.events.flatMap((one) => (one.event === 'warning' ? one.text : []))
    const silences = warnings.filter((text) => text.startsWith('CloudWatch'))
    expect(silences).toEqual([expect.stringContaining('no answer about web-5xx, web-slow')])
  })

  test('lets no bake end, until it answers again', async () => {
    const ports = portsOf(service, 'a')
    const work = deploy(ports, canary)
    await until(ports, 'the end of the bake')
    silence()
    await until(ports, 'an answer of CloudWatch about web-5xx')
    expect((await group('web-green')).ids).toHaveLength(1)
    service.intercept = null
    expect(await service.run(work)).toMatchObject({ exitCode: 0, outcome: 'done' })
  })

  test('for good leaves it to a person', async () => {
    const ports = portsOf(service, 'a')
    const work = deploy(ports, canary)
    await until(ports, 'the end of the bake')
    silence()
    expect(await service.run(work)).toMatchObject({
      exitCode: 4,
      text: expect.stringContaining('an answer of CloudWatch about web-5xx'),
    })
  })

  test('is what an alarm that was deleted amounts to', async () => {
    const ports = portsOf(service, 'a')
    const work = deploy(ports, canary)
    await until(ports, 'the end of the bake')
    await service.clients.cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: ['web-slow'] }))
    await until(ports, 'an answer of CloudWatch about web-slow')
    await turns('ALARM')
    expect(await service.run(work)).toMatchObject({ exitCode: 1, text: expect.stringContaining(sentence) })
  })
})
