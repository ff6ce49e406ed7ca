import {
  DeleteAutoScalingGroupCommand,
  SetInstanceProtectionCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import { operation } from '../support/row.ts'

/** What it means to be there; the ways in and out have files of their own. */
const { row } = operation('Auto Scaling', 'Standby')
const guide = 'Auto Scaling user guide, as-enter-exit-standby'

row(
  {
    status: 'documented',
    source: guide,
    says: 'an instance that is terminated in Standby is not replaced and stays there, Healthy',
  },
  async (scene) => {
    const { name, ids } = await scene.parked(1)
    await scene.place.ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }))
    await scene.place.advance(600)
    const { Instances } = await scene.find(name)
    expect(Instances).toMatchObject([
      { InstanceId: ids[0], LifecycleState: 'Standby', HealthStatus: 'Healthy' },
    ])
  },
)

row(
  {
    status: 'documented',
    source: guide,
    says: 'scale-in never takes an instance in Standby',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 2 })
    await scene.park(name, ids.slice(0, 1))
    await scene.desire(name, 0)
    await scene.until('one instance', async () => (await scene.states(name)).size === 1, 600)
    expect(await scene.idsIn(name, 'Standby')).toEqual(ids.slice(0, 1))
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, as-enter-exit-standby',
    says: 'min and max bound desired, not the number of instances',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ MaxSize: 1, DesiredCapacity: 1 })
    await scene.park(name, ids)
    const more = await scene.launch(name, 1)
    await scene.park(name, more)
    await scene.launch(name, 1)
    expect((await scene.states(name)).size).toBe(3)
    expect(await scene.sizes(name)).toEqual([0, 1, 1])
  },
)

row(
  {
    status: 'model',
    source: 'botocore autoscaling, UpdateAutoScalingGroup',
    says: 'min that is raised while everything is in Standby launches new instances',
  },
  async (scene) => {
    const { name, of, ids } = await scene.parked(1)
    await scene.place.autoScaling.send(new UpdateAutoScalingGroupCommand({ ...of, MinSize: 1 }))
    expect(await scene.sizes(name)).toEqual([1, 4, 1])
    await scene.until('a launch', async () => (await scene.idsIn(name, 'InService')).length === 1, 600)
    expect(await scene.idsIn(name, 'Standby')).toEqual(ids)
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, ec2-auto-scaling-instance-protection',
    says: 'scale-in protection is kept',
  },
  async (scene) => {
    const { name, of, ids } = await scene.group({ DesiredCapacity: 1 })
    const protect = { ...of, InstanceIds: ids, ProtectedFromScaleIn: true }
    await scene.place.autoScaling.send(new SetInstanceProtectionCommand(protect))
    await scene.park(name, ids)
    expect((await scene.find(name)).Instances).toMatchObject([{ ProtectedFromScaleIn: true }])
  },
)

row(
  {
    status: 'trace',
    source: 'aws-samples/aws-codedeploy-samples#57',
    says: 'a group is not deleted without ForceDelete while instances are in Standby',
  },
  async (scene) => {
    const { name, of, ids } = await scene.parked(1)
    const call = scene.place.autoScaling.send(new DeleteAutoScalingGroupCommand(of))
    expect(await scene.refusal(call)).toMatchObject({ code: 'ResourceInUse', status: 400 })
    expect(await scene.idsIn(name, 'Standby')).toEqual(ids)
  },
)
