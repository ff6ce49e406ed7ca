import {
  ExitStandbyCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import { failChecks, groupWithElbChecks, health, targetBecomes, targetGroup } from '../support/balancing.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'
import { tooManyIds } from '../support/too-many-ids.ts'

const { row, assumed } = operation('Auto Scaling', 'ExitStandby')
const guide = 'Auto Scaling user guide, as-enter-exit-standby'
const traced = 'AWS CLI against a real group, 2025-06-21'

const exit = ({ place }: Scene, AutoScalingGroupName: string, InstanceIds: string[]) =>
  place.autoScaling.send(new ExitStandbyCommand({ AutoScalingGroupName, InstanceIds }))
const suspend = ({ place }: Scene, AutoScalingGroupName: string, ...ScalingProcesses: string[]) =>
  place.autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName, ScalingProcesses }))

row(
  { status: 'documented', source: guide, says: 'desired rises by one per instance, at once' },
  async (scene) => {
    const { name, ids } = await scene.parked(2)
    await exit(scene, name, ids)
    expect(await scene.sizes(name)).toEqual([0, 4, 2])
  },
)

row(
  {
    status: 'documented',
    source: guide,
    says: 'one activity per id, PreInService at 30 %, whose cause names the capacity',
  },
  async (scene) => {
    const { name, ids } = await scene.parked(2)
    const { Activities } = await exit(scene, name, ids)
    expect(Activities?.map((one) => [one.Description, one.StatusCode, one.Progress])).toEqual(
      ids.map((id) => [`Moving EC2 instance out of Standby: ${id}`, 'PreInService', 30]),
    )
    expect(Activities?.[1]?.Cause).toMatch(
      /^At \S+Z instance i-\w+ was moved out of standby in response to a user request, increasing the capacity from 1 to 2\.$/,
    )
  },
)

row({ status: 'trace', source: traced, says: 'the way is Standby, Pending, InService' }, async (scene) => {
  const { name, ids } = await scene.parked(1)
  await exit(scene, name, ids)
  expect((await scene.states(name)).get(ids[0] ?? '')).toBe('Pending')
  await scene.reach(name, ids, 'InService', 120)
})

row(
  {
    status: 'trace',
    source: traced,
    says: 'InService does not wait for the load balancer, which goes through initial again',
  },
  async (scene) => {
    const arn = await targetGroup(scene)
    const { name, ids } = await scene.parked(1, { TargetGroupARNs: [arn] })
    await failChecks(scene, arn)
    await exit(scene, name, ids)
    await scene.reach(name, ids, 'InService', 120)
    expect((await health(scene, arn)).get(ids[0] ?? '')).toMatch(/^initial|^unhealthy/)
  },
)

row(
  {
    status: 'documented',
    source: guide,
    says: 'the instance is registered again with every attached target group',
  },
  async (scene) => {
    const TargetGroupARNs = [await targetGroup(scene), await targetGroup(scene)]
    const { name, ids } = await scene.parked(1, { TargetGroupARNs })
    await exit(scene, name, ids)
    for (const arn of TargetGroupARNs) await targetBecomes(scene, arn, ids[0], 'healthy')
  },
)

row(
  {
    status: 'documented',
    source: guide,
    says: 'where entering did not decrement, desired is one more than before; lowered again, the termination policy chooses',
  },
  async (scene) => {
    const { name, ids } = await scene.group({
      DesiredCapacity: 1,
      TerminationPolicies: ['NewestInstance'],
    })
    await scene.park(name, ids, false)
    await scene.until('a replacement', async () => (await scene.idsIn(name, 'InService')).length === 1, 600)
    await exit(scene, name, ids)
    expect(await scene.sizes(name)).toEqual([0, 4, 2])
    await scene.desire(name, 1)
    await scene.until('one instance', async () => (await scene.states(name)).size === 1, 900)
    expect(await scene.idsIn(name, 'InService')).toEqual(ids)
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, as-suspend-resume-processes',
    says: 'it is not possible while Launch is suspended',
  },
  async (scene) => {
    const { name, ids } = await scene.parked(1)
    await suspend(scene, name, 'Launch')
    expect(await scene.refusal(exit(scene, name, ids))).toMatchObject({ code: 'ValidationError' })
    expect((await scene.states(name)).get(ids[0] ?? '')).toBe('Standby')
    expect(await scene.sizes(name)).toEqual([0, 4, 0])
  },
)

row(
  {
    status: 'documented',
    source: guide,
    says: 'an instance that has died in Standby is found unhealthy after it and replaced',
  },
  async (scene) => {
    const { name, ids } = await scene.parked(1)
    await scene.place.ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }))
    await scene.place.advance(60)
    await exit(scene, name, ids)
    await scene.until(
      'a replacement',
      async () => (await scene.idsIn(name, 'InService')).some((id) => !ids.includes(id)),
      900,
    )
    expect(await scene.sizes(name)).toEqual([0, 4, 1])
    await scene.until('the dead one gone', async () => !(await scene.states(name)).has(ids[0] ?? ''), 600)
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, health-check-grace-period',
    says: 'the grace period begins again',
  },
  async (scene) => {
    const { arn, name, ids } = await groupWithElbChecks(scene, { HealthCheckGracePeriod: 120 })
    await scene.park(name, ids)
    await failChecks(scene, arn)
    await exit(scene, name, ids)
    await scene.reach(name, ids, 'InService')
    await targetBecomes(scene, arn, ids[0], 'unhealthy', 60)
    await scene.place.advance(45)
    expect((await scene.find(name)).Instances).toMatchObject([
      { InstanceId: ids[0], HealthStatus: 'Healthy' },
    ])
  },
)

assumed(
  {
    source: 'AttachInstances documents the refusal; the sentence is that of EnterStandby',
    says: 'desired above max is refused',
    here: 'ValidationError AutoScalingGroup GROUP has min-size=0, max-size=1, and desired-size=0. To take out of standby 2 instances, please update the AutoScalingGroup sizes appropriately.',
  },
  async (scene) => {
    const { name, of, ids } = await scene.parked(2)
    await scene.place.autoScaling.send(new UpdateAutoScalingGroupCommand({ ...of, MaxSize: 1 }))
    return await scene.words(exit(scene, name, ids), { GROUP: name })
  },
)

assumed(
  {
    source: 'scripts had to wait (plus3it/cfn#136); the sentence is that of EnterStandby',
    says: 'an instance that is not in Standby is refused',
    here: 'ValidationError The instance ID is not in Standby.',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    return await scene.words(exit(scene, name, ids), { ID: ids[0] ?? '' })
  },
)

assumed(
  {
    source: 'only the refusal is documented',
    says: 'what it says while Launch is suspended',
    here: 'ValidationError AutoScalingGroup GROUP has the Launch process suspended. Resume it to take instances out of standby.',
  },
  async (scene) => {
    const { name, ids } = await scene.parked(1)
    await suspend(scene, name, 'Launch')
    return await scene.words(exit(scene, name, ids), { GROUP: name })
  },
)

assumed(
  {
    source: 'AddToLoadBalancer is documented for launches only',
    says: 'whether it registers while AddToLoadBalancer is suspended',
    here: 'not registered',
  },
  async (scene) => {
    const arn = await targetGroup(scene)
    const { name, ids } = await scene.parked(1, { TargetGroupARNs: [arn] })
    await suspend(scene, name, 'AddToLoadBalancer')
    await exit(scene, name, ids)
    await scene.reach(name, ids, 'InService')
    await scene.place.advance(30)
    return (await health(scene, arn)).has(ids[0] ?? '') ? 'registered' : 'not registered'
  },
)

tooManyIds(assumed, exit)
