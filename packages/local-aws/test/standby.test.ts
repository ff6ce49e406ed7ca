import {
  DetachInstancesCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import { describe, expect, test } from 'vitest'
import { createService, drainS, type Service } from './support/service.ts'

const name = 'web-blue'
const twoServing = { MinSize: 0, MaxSize: 4, DesiredCapacity: 2 }

async function serving(settings: Parameters<Service['createGroup']>[1] = twoServing) {
  const service = await createService()
  const ids = await service.createGroup(name, settings)
  return { ...service, service, ids }
}

const enter = (ids: string[], decrement = true) =>
  new EnterStandbyCommand({
    AutoScalingGroupName: name,
    InstanceIds: ids,
    ShouldDecrementDesiredCapacity: decrement,
  })
const exit = (ids: string[]) => new ExitStandbyCommand({ AutoScalingGroupName: name, InstanceIds: ids })
const detach = (ids: string[], decrement: boolean) =>
  new DetachInstancesCommand({
    AutoScalingGroupName: name,
    InstanceIds: ids,
    ShouldDecrementDesiredCapacity: decrement,
  })

describe('EnterStandby', () => {
  test('takes instances out of the load balancer for the whole drain, and out of desired at once', async () => {
    const { autoScaling, clock, group, states, health, ids, activities } = await serving()
    const { Activities } = await autoScaling.send(enter(ids))
    expect(Activities?.map(({ StatusCode, Progress }) => [StatusCode, Progress])).toEqual([
      ['InProgress', 50],
      ['InProgress', 50],
    ])
    expect(Activities?.[0]?.Description).toBe(`Moving EC2 instance to Standby: ${ids[0]}`)
    expect(Activities?.[0]?.Cause).toMatch(
      /^At \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ instance i-\w+ was moved to standby in response to a user request, shrinking the capacity from 2 to 1\.$/,
    )
    expect((await group(name)).DesiredCapacity).toBe(0)
    expect(await states(name)).toEqual(['EnteringStandby', 'EnteringStandby'])
    await clock.advance((drainS - 1) * 1_000)
    expect([...(await health()).values()]).toEqual(Array(2).fill('draining Target.DeregistrationInProgress'))
    expect(await states(name)).toEqual(['EnteringStandby', 'EnteringStandby'])
    await clock.advance(5_000)
    expect(await health()).toEqual(new Map())
    expect(await states(name)).toEqual(['Standby', 'Standby'])
    const moves = (await activities(name)).filter(({ Description }) => Description?.startsWith('Moving'))
    expect(moves.map(({ StatusCode, Progress }) => [StatusCode, Progress])).toEqual([
      ['Successful', 100],
      ['Successful', 100],
    ])
  })

  test('without decrement has the group launch replacements', async () => {
    const { autoScaling, clock, group, ids, states } = await serving()
    await autoScaling.send(enter(ids, false))
    await clock.advance(200_000)
    expect((await group(name)).DesiredCapacity).toBe(2)
    expect(await states(name)).toEqual(['InService', 'InService', 'Standby', 'Standby'])
  })

  const stranger = 'i-0123456789abcdef0'
  test.each([
    {
      why: 'below min',
      settings: { MinSize: 2, MaxSize: 4, DesiredCapacity: 2 },
      pick: (ids: string[]) => ids.slice(0, 1),
      message: `AutoScalingGroup ${name} has min-size=2, max-size=4, and desired-size=2. To place into standby 1 instance, please update the AutoScalingGroup sizes appropriately.`,
    },
    {
      why: 'two below min',
      settings: { MinSize: 1, MaxSize: 4, DesiredCapacity: 2 },
      pick: (ids: string[]) => ids,
      message: `AutoScalingGroup ${name} has min-size=1, max-size=4, and desired-size=2. To place into standby 2 instances, please update the AutoScalingGroup sizes appropriately.`,
    },
    {
      why: 'a stranger among them, before sizes are looked at',
      settings: { MinSize: 2, MaxSize: 4, DesiredCapacity: 2 },
      pick: (ids: string[]) => [...ids, stranger],
      message: `The instance ${stranger} is not part of Auto Scaling group ${name}.`,
    },
    {
      why: 'too many ids, before anything else',
      settings: twoServing,
      pick: () => Array.from({ length: 21 }, (_, index) => `i-0${String(index).padStart(16, '0')}`),
      message: 'The number of instance ids that may be passed in is limited to 20',
    },
  ])('is refused: $why', async ({ settings, pick, message }) => {
    const { autoScaling, ids, states } = await serving(settings)
    await expect(autoScaling.send(enter(pick(ids)))).rejects.toMatchObject({
      name: 'ValidationError',
      message,
      $metadata: { httpStatusCode: 400 },
    })
    expect(await states(name)).toEqual(['InService', 'InService'])
  })

  test('is refused as a whole when one instance is there already, and is no no-op when repeated', async () => {
    const { autoScaling, ids, group } = await serving()
    const [first = '', second = ''] = ids
    await autoScaling.send(enter([first]))
    await expect(autoScaling.send(enter([second, first]))).rejects.toThrow(
      `The instance ${first} is not in InService.`,
    )
    expect((await group(name)).DesiredCapacity).toBe(1)
  })

  test('names the group that is not there', async () => {
    const { autoScaling } = await createService()
    await expect(autoScaling.send(enter(['i-0123456789abcdef0']))).rejects.toThrow(
      /^AutoScalingGroup name not found - /,
    )
  })
})

async function parked() {
  const made = await serving()
  await made.autoScaling.send(enter(made.ids))
  await made.clock.advance(120_000)
  expect(await made.states(name)).toEqual(['Standby', 'Standby'])
  return made
}

describe('Standby', () => {
  test('is not scaled in, and a terminated instance stays listed as Standby and Healthy', async () => {
    const { ec2, clock, group, ids } = await parked()
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: ids.slice(0, 1) }))
    await clock.advance(600_000)
    const { Instances } = await group(name)
    expect(Instances?.map(({ LifecycleState, HealthStatus }) => `${LifecycleState} ${HealthStatus}`)).toEqual(
      ['Standby Healthy', 'Standby Healthy'],
    )
  })

  test('leaves the IMDS telling, a little late, where the instance is heading', async () => {
    const { autoScaling, cloud, ids, clock } = await serving()
    const [id = ''] = ids
    expect(cloud.autoScaling.targetLifecycleState(id)).toBe('InService')
    await autoScaling.send(enter([id]))
    expect(cloud.autoScaling.targetLifecycleState(id)).toBe('InService')
    await clock.advance(1_000)
    expect(cloud.autoScaling.targetLifecycleState(id)).toBe('Standby')
    await clock.advance(120_000)
    await autoScaling.send(exit([id]))
    expect(cloud.autoScaling.targetLifecycleState(id)).toBe('Standby')
    await clock.advance(1_000)
    expect(cloud.autoScaling.targetLifecycleState(id)).toBe('InService')
    expect(cloud.autoScaling.targetLifecycleState('i-0123456789abcdef0')).toBeNull()
  })
})

describe('ExitStandby', () => {
  test('raises desired at once, goes through Pending, and is healthy after one good check', async () => {
    const { autoScaling, cloud, clock, group, states, health, ids } = await parked()
    const { Activities } = await autoScaling.send(exit(ids))
    expect(Activities?.map(({ StatusCode, Progress }) => [StatusCode, Progress])).toEqual([
      ['PreInService', 30],
      ['PreInService', 30],
    ])
    expect(Activities?.[1]?.Cause).toContain(
      'was moved out of standby in response to a user request, increasing the capacity from 1 to 2.',
    )
    expect((await group(name)).DesiredCapacity).toBe(2)
    expect(await states(name)).toEqual(['Pending', 'Pending'])
    const lifecycle = (id: string) => cloud.autoScaling.find(id)?.member.lifecycle
    await clock.runUntil(() => ids.every((id) => lifecycle(id) === 'InService'), 20_000)
    expect([...(await health()).values()].every((state) => state.startsWith('initial '))).toBe(true)
    await clock.advance(5_000)
    expect([...(await health()).values()]).toEqual(['healthy', 'healthy'])
    expect((await group(name)).Instances?.map((one) => one.InstanceId).toSorted()).toEqual(ids.toSorted())
  })

  test.each([
    {
      why: 'beyond max',
      prepare: new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: name, MaxSize: 1 }),
      message: /has min-size=0, max-size=1, and desired-size=0\. To take out of standby 2 instances, please/,
    },
    {
      why: 'while Launch is suspended',
      prepare: new SuspendProcessesCommand({ AutoScalingGroupName: name, ScalingProcesses: ['Launch'] }),
      message: /Launch process suspended/,
    },
  ])('is refused $why', async ({ prepare, message }) => {
    const { autoScaling, states, ids } = await parked()
    await (prepare instanceof UpdateAutoScalingGroupCommand
      ? autoScaling.send(prepare)
      : autoScaling.send(prepare))
    await expect(autoScaling.send(exit(ids))).rejects.toThrow(message)
    expect(await states(name)).toEqual(['Standby', 'Standby'])
  })

  test('is refused before Standby is reached', async () => {
    const { autoScaling, ids } = await serving()
    await autoScaling.send(enter(ids))
    await expect(autoScaling.send(exit(ids))).rejects.toThrow(`The instance ${ids[0]} is not in Standby.`)
  })

  test('a dead instance comes back, is found out and replaced', async () => {
    const { autoScaling, ec2, clock, ids, group } = await parked()
    const [dead = '', alive = ''] = ids
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [dead] }))
    await clock.advance(60_000)
    await autoScaling.send(exit(ids))
    await clock.advance(300_000)
    const { Instances, DesiredCapacity } = await group(name)
    const serving = Instances?.filter((one) => one.LifecycleState === 'InService').map(
      (one) => one.InstanceId,
    )
    expect(DesiredCapacity).toBe(2)
    expect(serving).toHaveLength(2)
    expect(serving).toContain(alive)
    expect(serving).not.toContain(dead)
  })
})

describe('DetachInstances', () => {
  test('from Standby without decrement: gone from the group, still running, nothing launched', async () => {
    const { autoScaling, cloud, clock, group, ids } = await parked()
    const { Activities } = await autoScaling.send(detach(ids, false))
    expect(Activities?.[0]?.Description).toBe(`Detaching EC2 instance: ${ids[0]}`)
    await clock.advance(60_000)
    expect((await group(name)).Instances).toEqual([])
    expect((await group(name)).DesiredCapacity).toBe(0)
    expect(ids.map((id) => cloud.ec2.stateOf(id))).toEqual(['running', 'running'])
    await expect(autoScaling.send(detach(ids, false))).rejects.toThrow(
      `The instance ${ids[0]} is not part of Auto Scaling group ${name}.`,
    )
  })

  test('from Standby with decrement lowers desired a second time and ends an instance in service', async () => {
    const { autoScaling, clock, group, ids } = await serving()
    const [first = '', second = ''] = ids
    await autoScaling.send(enter([first]))
    await clock.advance(120_000)
    expect((await group(name)).DesiredCapacity).toBe(1)
    await autoScaling.send(detach([first], true))
    expect((await group(name)).DesiredCapacity).toBe(0)
    await clock.advance(300_000)
    expect((await group(name)).Instances?.map((one) => one.InstanceId)).not.toContain(second)
  })

  test('of an instance in service drains it first', async () => {
    const { autoScaling, clock, states, health, ids } = await serving()
    await autoScaling.send(detach(ids.slice(0, 1), true))
    expect(await states(name)).toEqual(['Detaching', 'InService'])
    expect((await health()).get(ids[0] ?? '')).toBe('draining Target.DeregistrationInProgress')
    await expect(autoScaling.send(detach(ids.slice(0, 1), true))).rejects.toThrow(
      `The instance ${ids[0]} is not in InService or Standby.`,
    )
    await clock.advance((drainS + 10) * 1_000)
    expect(await states(name)).toEqual(['InService'])
  })
})

const terminate = (InstanceId: string, ShouldDecrementDesiredCapacity: boolean) =>
  new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity })

describe('TerminateInstanceInAutoScalingGroup', () => {
  test('ends a parked instance, protected or not', async () => {
    const { autoScaling, cloud, clock, ids, states } = await parked()
    const [first = ''] = ids
    await autoScaling.send(
      new SetInstanceProtectionCommand({
        AutoScalingGroupName: name,
        InstanceIds: [first],
        ProtectedFromScaleIn: true,
      }),
    )
    const { Activity } = await autoScaling.send(terminate(first, false))
    expect(Activity).toMatchObject({ Description: `Terminating EC2 instance: ${first}`, Progress: 0 })
    await clock.advance(60_000)
    expect(cloud.ec2.stateOf(first)).toBe('terminated')
    expect(await states(name)).toEqual(['Standby'])
  })

  test('is refused while the instance is still draining into Standby', async () => {
    const { autoScaling, ids } = await serving()
    await autoScaling.send(enter(ids))
    await expect(autoScaling.send(terminate(ids[0] ?? '', false))).rejects.toMatchObject({
      Code: 'ScalingActivityInProgress',
    })
  })

  test('at min is refused with decrement, and an unknown instance always', async () => {
    const { autoScaling, ids } = await serving({ MinSize: 2, MaxSize: 4, DesiredCapacity: 2 })
    await expect(autoScaling.send(terminate(ids[0] ?? '', true))).rejects.toThrow(
      "Currently, desiredSize equals minSize (2). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.",
    )
    await expect(autoScaling.send(terminate('i-0123456789abcdef0', false))).rejects.toThrow(
      'Instance Id not found - No managed instance found for instance ID: i-0123456789abcdef0',
    )
  })
})
