import {
  DetachInstancesCommand,
  ResumeProcessesCommand,
  SetInstanceHealthCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling'
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import { alarm, ring } from '../support/alarm.ts'
import { health, targetGroup } from '../support/balancing.ts'
import { putPolicy, step } from '../support/policies.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row, assumed } = operation('Auto Scaling', 'SuspendProcesses')
const guide = 'Auto Scaling user guide, as-suspend-resume-processes'

const suspend = ({ place }: Scene, AutoScalingGroupName: string, ...ScalingProcesses: string[]) =>
  place.autoScaling.send(
    new SuspendProcessesCommand({
      AutoScalingGroupName,
      ...(ScalingProcesses.length > 0 ? { ScalingProcesses } : {}),
    }),
  )
const resume = ({ place }: Scene, AutoScalingGroupName: string, ...ScalingProcesses: string[]) =>
  place.autoScaling.send(new ResumeProcessesCommand({ AutoScalingGroupName, ScalingProcesses }))
const suspended = async (scene: Scene, name: string) =>
  ((await scene.find(name)).SuspendedProcesses ?? []).map((one) => String(one.ProcessName)).toSorted()
const unwell = ({ place }: Scene, InstanceId = '') =>
  place.autoScaling.send(
    new SetInstanceHealthCommand({ InstanceId, HealthStatus: 'Unhealthy', ShouldRespectGracePeriod: false }),
  )
const healthStatus = async (scene: Scene, name: string, id = '') =>
  (await scene.find(name)).Instances?.find((one) => one.InstanceId === id)?.HealthStatus

row(
  { status: 'model', source: 'botocore autoscaling', says: 'without names it means all nine processes' },
  async (scene) => {
    const { name } = await scene.group()
    await suspend(scene, name)
    expect(await suspended(scene, name)).toEqual([
      'AZRebalance',
      'AddToLoadBalancer',
      'AlarmNotification',
      'HealthCheck',
      'InstanceRefresh',
      'Launch',
      'ReplaceUnhealthy',
      'ScheduledActions',
      'Terminate',
    ])
  },
)

row(
  {
    status: 'trace',
    source: 'recorded Describe answers in several repositories',
    says: 'the reason names the user and the second',
  },
  async (scene) => {
    const { name } = await scene.group()
    await suspend(scene, name, 'Launch')
    const [one] = (await scene.find(name)).SuspendedProcesses ?? []
    expect(one?.SuspensionReason).toMatch(/^User suspended at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  },
)

row(
  {
    status: 'trace',
    source: 'set semantics, as tools rely on them',
    says: 'repeating it is harmless, and others stay suspended',
  },
  async (scene) => {
    const { name } = await scene.group()
    await suspend(scene, name, 'Launch')
    await suspend(scene, name, 'Launch', 'AZRebalance')
    expect(await suspended(scene, name)).toEqual(['AZRebalance', 'Launch'])
  },
)

row(
  { status: 'documented', source: guide, says: 'Launch: nothing is launched until it is resumed' },
  async (scene) => {
    const { name } = await scene.group()
    await suspend(scene, name, 'Launch')
    await scene.desire(name, 1)
    await scene.place.advance(120)
    expect((await scene.states(name)).size).toBe(0)
    await resume(scene, name, 'Launch')
    await scene.until('a launch', async () => (await scene.idsIn(name, 'InService')).length === 1, 600)
  },
)

row(
  {
    status: 'documented',
    source: guide,
    says: 'Launch: what is unhealthy is ended all the same, and replaced after the resume only',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    await suspend(scene, name, 'Launch')
    await unwell(scene, ids[0])
    await scene.until('its end', async () => (await scene.states(name)).size === 0, 600)
    await scene.place.advance(60)
    expect((await scene.states(name)).size).toBe(0)
  },
)

row(
  {
    status: 'documented',
    source: guide,
    says: 'Launch and Terminate: EnterStandby and DetachInstances are possible',
  },
  async (scene) => {
    const { name, of, ids } = await scene.group({ DesiredCapacity: 2 })
    await suspend(scene, name, 'Launch', 'Terminate')
    await scene.park(name, ids.slice(0, 1))
    await scene.place.autoScaling.send(
      new DetachInstancesCommand({ ...of, InstanceIds: ids.slice(1), ShouldDecrementDesiredCapacity: true }),
    )
    await scene.until('one left', async () => (await scene.states(name)).size === 1, 600)
  },
)

row(
  { status: 'documented', source: guide, says: 'Terminate: no scale-in until it is resumed' },
  async (scene) => {
    const { name } = await scene.group({ DesiredCapacity: 1 })
    await suspend(scene, name, 'Terminate')
    await scene.desire(name, 0)
    await scene.place.advance(120)
    expect(await scene.idsIn(name, 'InService')).toHaveLength(1)
    await resume(scene, name, 'Terminate')
    await scene.until('its end', async () => (await scene.states(name)).size === 0, 600)
  },
)

row(
  { status: 'documented', source: guide, says: 'Terminate: what is unhealthy is marked and not replaced' },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    await suspend(scene, name, 'Terminate')
    await unwell(scene, ids[0])
    await scene.place.advance(120)
    expect(await scene.states(name)).toEqual(new Map([[ids[0], 'InService']]))
    expect(await healthStatus(scene, name, ids[0])).toBe('Unhealthy')
  },
)

row(
  {
    status: 'documented',
    source: guide,
    says: 'Terminate: AZRebalance may grow the group by one, or 10 %, and leaves it so',
  },
  async (scene) => {
    const { name } = await scene.group({ DesiredCapacity: 4 })
    await suspend(scene, name, 'Terminate')
    await scene.emptyZone(name)
    await scene.until('one more', async () => (await scene.idsIn(name, 'InService')).length === 3, 900)
    await scene.place.advance(300)
    expect(await scene.idsIn(name, 'InService')).toHaveLength(3)
    expect(await scene.sizes(name)).toEqual([0, 4, 2])
  },
)

row(
  {
    status: 'documented',
    source: guide,
    says: 'AddToLoadBalancer: new instances are not registered, and not after the resume either',
  },
  async (scene) => {
    const arn = await targetGroup(scene)
    const { name } = await scene.group({ TargetGroupARNs: [arn] })
    await suspend(scene, name, 'AddToLoadBalancer')
    await scene.launch(name, 1)
    expect(await health(scene, arn)).toEqual(new Map())
    await resume(scene, name, 'AddToLoadBalancer')
    await scene.place.advance(120)
    expect(await health(scene, arn)).toEqual(new Map())
  },
)

row(
  { status: 'documented', source: guide, says: 'AZRebalance: a launch still goes to the emptiest zone' },
  async (scene) => {
    const { name } = await scene.group({ DesiredCapacity: 2 })
    await suspend(scene, name, 'AZRebalance')
    await scene.emptyZone(name)
    await scene.desire(name, 2)
    await scene.until('two', async () => (await scene.idsIn(name, 'InService')).length === 2, 600)
    expect(new Set(await scene.zonesIn(name, 'InService')).size).toBe(2)
  },
)

row(
  {
    status: 'documented',
    source: guide,
    says: 'HealthCheck: EC2 marks nothing, SetInstanceHealth still does',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 2 })
    await suspend(scene, name, 'HealthCheck', 'ReplaceUnhealthy')
    await scene.place.ec2.send(new TerminateInstancesCommand({ InstanceIds: ids.slice(0, 1) }))
    await scene.place.advance(120)
    expect(await healthStatus(scene, name, ids[0])).toBe('Healthy')
    await unwell(scene, ids[1])
    expect(await healthStatus(scene, name, ids[1])).toBe('Unhealthy')
  },
)

row(
  {
    status: 'documented',
    source: guide,
    says: 'ReplaceUnhealthy: instances are marked, and replaced as soon as it is resumed',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    await suspend(scene, name, 'ReplaceUnhealthy')
    await unwell(scene, ids[0])
    await scene.place.advance(120)
    expect(await scene.states(name)).toEqual(new Map([[ids[0], 'InService']]))
    await resume(scene, name, 'ReplaceUnhealthy')
    await scene.until(
      'replacement',
      async () => {
        const states = await scene.states(name)
        return !states.has(ids[0] ?? '') && [...states.values()].join() === 'InService'
      },
      900,
    )
  },
)

row(
  {
    status: 'documented',
    source: guide,
    says: 'AlarmNotification: policies do not hear alarms, and act after the resume on those still ringing',
  },
  async (scene) => {
    const { name } = await scene.group()
    const { PolicyARN } = await putPolicy(scene, name, step)
    const busy = await alarm(scene, { AlarmActions: [PolicyARN ?? ''] })
    await suspend(scene, name, 'AlarmNotification')
    await ring(scene, busy, 'ALARM')
    await scene.place.advance(30)
    expect(await scene.sizes(name)).toEqual([0, 4, 0])
    await resume(scene, name, 'AlarmNotification')
    await scene.until('desired 1', async () => (await scene.sizes(name))[2] === 1, 120)
  },
)

row(
  {
    status: 'trace',
    source: 'operators on several forums',
    says: 'what is under way already goes on',
  },
  async (scene) => {
    const { name } = await scene.group()
    await scene.desire(name, 1)
    await scene.until('a launch', async () => (await scene.states(name)).size === 1, 60)
    await suspend(scene, name, 'Launch')
    await scene.until('in service', async () => (await scene.idsIn(name, 'InService')).length === 1, 300)
  },
)

assumed(
  {
    source: 'its text is not published',
    says: 'a process that does not exist is refused',
    here: 'ValidationError',
  },
  async (scene) => {
    const { name } = await scene.group()
    return (await scene.refusal(suspend(scene, name, 'Lunch'))).code
  },
)
