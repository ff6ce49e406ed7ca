import {
  CompleteLifecycleActionCommand,
  PutLifecycleHookCommand,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling'
import { describe, expect, test } from 'vitest'
import { createService, drainS } from './support/service.ts'

const name = 'web-blue'
const hook = 'boot'
const launching = 'autoscaling:EC2_INSTANCE_LAUNCHING'
const terminating = 'autoscaling:EC2_INSTANCE_TERMINATING'

const desire = (DesiredCapacity: number) =>
  new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity })

const complete = (InstanceId: string, LifecycleActionResult: string) =>
  new CompleteLifecycleActionCommand({
    AutoScalingGroupName: name,
    LifecycleHookName: hook,
    InstanceId,
    LifecycleActionResult,
  })

const noAgent = { bootMs: 1e9 }

/** A group with one hook, and instances whose agent never comes up unless it is asked for. */
async function hooked(transition: string, settings: { heartbeatS?: number; agent?: boolean } = {}) {
  const service = await createService({ machines: settings.agent ? {} : noAgent })
  await service.createGroup(name)
  await service.autoScaling.send(
    new PutLifecycleHookCommand({
      AutoScalingGroupName: name,
      LifecycleHookName: hook,
      LifecycleTransition: transition,
      HeartbeatTimeout: settings.heartbeatS,
    }),
  )
  return service
}

async function waiting(settings: { heartbeatS?: number } = {}) {
  const service = await hooked(launching, settings)
  await service.autoScaling.send(desire(1))
  await service.clock.advance(60_000)
  expect(await service.states(name)).toEqual(['Pending:Wait'])
  const [id = ''] = await service.ids(name)
  return { ...service, id }
}

describe('launch hook', () => {
  test('ABANDON ends the instance, says so, and the group tries again', async () => {
    const { autoScaling, clock, ids, id, activities, cloud } = await waiting()
    await autoScaling.send(complete(id, 'ABANDON'))
    const launch = (await activities(name)).find(({ Description }) => Description?.startsWith('Launching'))
    expect(launch).toMatchObject({
      StatusCode: 'Cancelled',
      StatusMessage: expect.stringMatching(
        /^Instance failed to complete user's Lifecycle Action: Lifecycle Action with token [0-9a-f-]{36} was abandoned: Lifecycle Action Completed with ABANDON Result$/,
      ),
    })
    await clock.advance(60_000)
    expect(cloud.ec2.stateOf(id)).toBe('terminated')
    expect(await ids(name)).toHaveLength(1)
    expect(await ids(name)).not.toContain(id)
  })

  test('scale-in does not end an instance that waits', async () => {
    const { autoScaling, clock, states, id } = await waiting()
    await autoScaling.send(desire(0))
    await clock.advance(600_000)
    expect(await states(name)).toEqual(['Pending:Wait'])
    await autoScaling.send(complete(id, 'ABANDON'))
    await clock.advance(120_000)
    expect(await states(name)).toEqual([])
  })

  test('is completed by the agent once the app is healthy', async () => {
    const { autoScaling, clock, cloud, states } = await hooked(launching, { agent: true })
    await autoScaling.send(desire(1))
    const seen: string[] = []
    const observe = () => {
      const [member] = cloud.autoScaling.group(name).members.values()
      if (member && seen.at(-1) !== member.lifecycle) seen.push(member.lifecycle)
      return seen.includes('InService')
    }
    await clock.runUntil(observe, 120_000)
    expect(seen).toEqual(['Pending', 'Pending:Wait', 'Pending:Proceed', 'InService'])
    expect(await states(name)).toEqual(['InService'])
  })
})

describe('termination hook', () => {
  test('begins after the drain, and EC2 ends the instance only when it is completed', async () => {
    const { autoScaling, clock, states, ids, cloud } = await hooked(terminating)
    await autoScaling.send(desire(1))
    await clock.advance(60_000)
    const [id = ''] = await ids(name)
    await autoScaling.send(desire(0))
    await clock.advance((drainS - 10) * 1_000)
    expect(await states(name)).toEqual(['Terminating'])
    await clock.advance(30_000)
    expect(await states(name)).toEqual(['Terminating:Wait'])
    expect(cloud.autoScaling.targetLifecycleState(id)).toBe('Terminated')
    expect(cloud.ec2.stateOf(id)).toBe('running')
    await autoScaling.send(complete(id, 'ABANDON'))
    await clock.advance(30_000)
    expect(await states(name)).toEqual([])
    expect(cloud.ec2.stateOf(id)).toBe('terminated')
  })

  test('is completed by the agent after its own drain', async () => {
    const { autoScaling, clock, ids } = await hooked(terminating, { agent: true })
    await autoScaling.send(desire(1))
    await clock.advance(60_000)
    expect(await ids(name)).toHaveLength(1)
    await autoScaling.send(desire(0))
    await clock.advance((drainS + 60) * 1_000)
    expect(await ids(name)).toEqual([])
  })
})
