import {
  DeletePolicyCommand,
  PutScalingPolicyCommand,
  SetDesiredCapacityCommand,
  SuspendProcessesCommand,
  BatchPutScheduledUpdateGroupActionCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch'
import type { WireResponse } from '@switchover/local-aws/wire/message'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { portsOf } from '../../test/support/account.ts'
import { createService, type Service } from '../../test/support/fleet.ts'
import { common, v2 } from '../../test/support/options.ts'
import { nothingOwned, ownScaling, scalingOf } from '../../test/support/scaling.ts'
import { deploy } from './deploy.ts'
import { finish } from './finish.ts'
import { rollback } from './rollback.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let service: Service

beforeEach(async () => {
  service = await createService()
  await ownScaling(service, 'web-blue')
})

const run = {
  deploy: () => service.run(deploy(portsOf(service, 'a'), v2)),
  rollback: () => service.run(rollback(portsOf(service, 'b'), common)),
  finish: () => service.run(finish(portsOf(service, 'b'), common)),
}

async function suspended(group: string): Promise<string[]> {
  const { SuspendedProcesses = [] } = await service.group(group)
  return SuspendedProcesses.map(({ ProcessName }) => ProcessName ?? '').toSorted()
}

/** Lets a deploy run, and does something once it waits for the new instances. */
async function during(act: () => Promise<unknown>) {
  const ports = portsOf(service, 'a')
  const work = deploy(ports, v2)
  await service.time.runUntil(() => ports.events.some(({ event }) => event === 'wait'), 600_000)
  await act()
  return { result: await service.run(work), events: ports.events }
}

const serving = (desired: number, min = 2) => ({ MinSize: min, DesiredCapacity: desired })

describe('policies, alarms and scheduled actions', () => {
  test('go with the traffic, and nothing is left on the parked group', async () => {
    const before = await scalingOf(service)
    expect(await run.deploy()).toMatchObject({ exitCode: 0 })
    const after = await scalingOf(service)
    expect(after.blue).toEqual(nothingOwned)
    expect(after.green).toEqual(before.blue)
    expect(after.calls).toEqual([
      expect.stringContaining('autoScalingGroupName/web-green:policyName/out'),
      expect.stringContaining(':sns:'),
    ])
    expect(after).toMatchObject({ watches: ['web-green'], threshold: 80 })
  })

  test('come back with a rollback, exactly as they were', async () => {
    const before = await scalingOf(service)
    await run.deploy()
    expect(await run.rollback()).toMatchObject({ exitCode: 0, details: { kept: [] } })
    expect(await scalingOf(service)).toEqual(before)
    expect([await suspended('web-blue'), await suspended('web-green')]).toEqual([[], []])
  })

  test('stay where they are when a deploy fails', async () => {
    const before = await scalingOf(service)
    service.behaviours.set('v2', 'broken')
    expect(await run.deploy()).toMatchObject({ exitCode: 1 })
    expect(await scalingOf(service)).toEqual(before)
  })

  test('stay on the serving group through a finish', async () => {
    await run.deploy()
    const before = await scalingOf(service)
    await run.finish()
    expect(await scalingOf(service)).toEqual(before)
  })

  test('act on the group they went to', async () => {
    await run.deploy()
    const ring = { AlarmName: 'busy', StateValue: 'ALARM' as const, StateReason: 'test' }
    await service.clients.cloudWatch.send(new SetAlarmStateCommand(ring))
    await service.time.advance(60_000)
    expect(await service.group('web-green')).toMatchObject({ DesiredCapacity: 3 })
    expect(await service.group('web-blue')).toMatchObject({ DesiredCapacity: 0 })
  })

  test('changed by another hand meanwhile keep the change, with a warning', async () => {
    await run.deploy()
    await service.clients.autoScaling.send(
      new PutScalingPolicyCommand({
        AutoScalingGroupName: 'web-green',
        PolicyName: 'out',
        PolicyType: 'StepScaling',
        AdjustmentType: 'ChangeInCapacity',
        StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 2 }],
      }),
    )
    const deleted = { AutoScalingGroupName: 'web-green', PolicyName: 'cpu' }
    await service.clients.autoScaling.send(new DeletePolicyCommand(deleted))
    const ports = portsOf(service, 'b')
    await service.run(rollback(ports, common))
    const { blue } = await scalingOf(service)
    expect(blue.policies).toMatchObject([
      { PolicyName: 'out', StepAdjustments: [{ ScalingAdjustment: 2 }], Alarms: ['busy'] },
    ])
    const warnings = ports.events.flatMap((one) => (one.event === 'warning' ? one.text : []))
    expect(warnings).toEqual([
      expect.stringContaining('policy cpu of web-blue is left at none'),
      expect.stringContaining('policy out of web-blue is left at'),
    ])
  })
})

const schedule = (inMs: number) =>
  service.clients.autoScaling.send(
    new BatchPutScheduledUpdateGroupActionCommand({
      AutoScalingGroupName: 'web-blue',
      ScheduledUpdateGroupActions: [
        {
          ScheduledActionName: 'soon',
          StartTime: new Date(service.time.now() + inMs),
          MinSize: 2,
          DesiredCapacity: 3,
        },
      ],
    }),
  )

describe('a scheduled action about to run', () => {
  test('is waited for, runs once, and what it asked for is followed', async () => {
    const { result, events } = await during(() => schedule(45_000))
    expect(result).toMatchObject({ exitCode: 0 })
    expect(await service.group('web-green')).toMatchObject(serving(3))
    const { green, blue } = await scalingOf(service)
    expect([...green.actions, ...blue.actions].map(({ ScheduledActionName }) => ScheduledActionName)).toEqual(
      ['launch', 'night'],
    )
    expect(events.some((one) => one.event === 'wait' && one.waitingFor.includes('soon'))).toBe(true)
  })
})

test('an item of a batch that AWS refuses, with status 200, is named', async () => {
  const body = Buffer.from(
    '<BatchPutScheduledUpdateGroupActionResponse><BatchPutScheduledUpdateGroupActionResult><FailedScheduledUpdateGroupActions><member><ScheduledActionName>night</ScheduledActionName><ErrorCode>ValidationError</ErrorCode><ErrorMessage>Given time zone is no zone</ErrorMessage></member></FailedScheduledUpdateGroupActions></BatchPutScheduledUpdateGroupActionResult></BatchPutScheduledUpdateGroupActionResponse>',
  )
  const refused: WireResponse = { status: 200, headers: { 'content-type': 'text/xml' }, body }
  service.intercept = async (call, proceed) =>
    call.operation === 'BatchPutScheduledUpdateGroupAction' ? refused : proceed()
  await expect(run.deploy()).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringContaining(
      'Scheduled action night was not put on web-green: Given time zone is no zone',
    ),
    next: 'switchover resume web',
  })
  service.intercept = null
  const before = await service.healthy()
  expect(await run.rollback()).toMatchObject({ exitCode: 0 })
  expect((await service.healthy()).length).toBe(before.length / 2)
  expect((await scalingOf(service)).blue.policies).toHaveLength(2)
})

test('a put whose reply was lost is looked at, not doubled', async () => {
  const sent: string[] = []
  service.intercept = async (call, proceed) => {
    const response = await proceed()
    if (call.operation !== 'PutScalingPolicy') return response
    sent.push(call.operation)
    return null
  }
  expect(await run.deploy()).toMatchObject({ exitCode: 0 })
  expect(sent).toHaveLength(2)
})

describe('while both groups serve', () => {
  test('an alarm that rings scales live out, and the new group follows', async () => {
    const ring = { AlarmName: 'busy', StateValue: 'ALARM' as const, StateReason: 'test' }
    const { result } = await during(() => service.clients.cloudWatch.send(new SetAlarmStateCommand(ring)))
    expect(result).toMatchObject({ exitCode: 0, details: { required: 3 } })
    expect(await service.group('web-green')).toMatchObject(serving(3))
  })

  test('a person who raises desired is followed', async () => {
    const more = { AutoScalingGroupName: 'web-blue', DesiredCapacity: 4 }
    const { result } = await during(() =>
      service.clients.autoScaling.send(new SetDesiredCapacityCommand(more)),
    )
    expect(result).toMatchObject({ exitCode: 0, details: { required: 4 } })
    expect(await service.group('web-green')).toMatchObject(serving(4))
  })

  test('a person who lowers live finds it held, and their min given to what serves in the end', async () => {
    const less = { AutoScalingGroupName: 'web-blue', MinSize: 1, DesiredCapacity: 1 }
    const { result } = await during(() =>
      service.clients.autoScaling.send(new UpdateAutoScalingGroupCommand(less)),
    )
    expect(result).toMatchObject({ exitCode: 0 })
    expect(await service.group('web-green')).toMatchObject({ MinSize: 1 })
    expect((await service.group('web-green')).DesiredCapacity).toBeGreaterThanOrEqual(2)
  })
})

test('an operator’s own suspensions survive deploy, rollback and finish', async () => {
  await service.clients.autoScaling.send(
    new SuspendProcessesCommand({
      AutoScalingGroupName: 'web-blue',
      ScalingProcesses: ['AZRebalance', 'HealthCheck'],
    }),
  )
  await run.deploy()
  expect(await suspended('web-blue')).toEqual([
    'AZRebalance',
    'AlarmNotification',
    'HealthCheck',
    'ScheduledActions',
  ])
  await run.rollback()
  expect(await suspended('web-blue')).toEqual(['AZRebalance', 'HealthCheck'])
  await run.deploy()
  await run.finish()
  expect(await suspended('web-blue')).toEqual(['AZRebalance', 'HealthCheck'])
  expect(await suspended('web-green')).toEqual([])
})
