import {
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import { targetGroup } from '../support/balancing.ts'
import { putTerminationHook } from '../support/lifecycle-hooks.ts'
import { invalid } from '../support/refused.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row, assumed } = operation('Auto Scaling', 'DeleteAutoScalingGroup')

const remove = ({ place }: Scene, AutoScalingGroupName: string, ForceDelete?: boolean) =>
  place.autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName, ForceDelete }))
const exists = async ({ place }: Scene, name: string) => {
  const asked = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] })
  return ((await place.autoScaling.send(asked)).AutoScalingGroups ?? []).length > 0
}

row({ status: 'model', source: 'botocore autoscaling', says: 'an empty group is deleted' }, async (scene) => {
  const { name } = await scene.group()
  await remove(scene, name)
  await scene.until('its end', async () => !(await exists(scene, name)), 120)
})

row(
  { status: 'model', source: 'botocore autoscaling', says: 'with instances it needs ForceDelete' },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    expect(await scene.refusal(remove(scene, name))).toMatchObject({ code: 'ResourceInUse', status: 400 })
    expect(await scene.idsIn(name, 'InService')).toEqual(ids)
  },
)

row(
  {
    status: 'trace',
    source: 'hashicorp/terraform#1512',
    says: 'with scaling activities in progress it needs ForceDelete',
    local: 'An activity without an instance in the group is over in a moment.',
  },
  async (scene) => {
    const { name } = await scene.group({ DesiredCapacity: 1 })
    const group = scene.cloud.autoScaling.group(name)
    const [member] = group.members.values()
    scene.cloud.autoScaling.moves.terminate(group, member!, 'a test')
    group.members.clear()
    expect(await scene.refusal(remove(scene, name))).toEqual({
      code: 'ScalingActivityInProgress',
      status: 400,
      message:
        'You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.',
    })
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, lifecycle-hooks',
    says: 'ForceDelete ends every instance, those in Standby too, and runs no hooks',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 2 })
    await putTerminationHook(scene, name)
    await scene.park(name, ids.slice(0, 1))
    await remove(scene, name, true)
    await scene.until('its end', async () => !(await exists(scene, name)), 600)
    const { Reservations } = await scene.place.ec2.send(new DescribeInstancesCommand({ InstanceIds: ids }))
    const states = Reservations?.flatMap(({ Instances }) => Instances ?? []).map((one) => one.State?.Name)
    expect(states?.filter((state) => state === 'running')).toEqual([])
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, as-suspend-resume-processes',
    says: 'ForceDelete ends instances though Terminate is suspended',
  },
  async (scene) => {
    const { name, of } = await scene.group({ DesiredCapacity: 1 })
    await scene.place.autoScaling.send(
      new SuspendProcessesCommand({ ...of, ScalingProcesses: ['Terminate'] }),
    )
    await remove(scene, name, true)
    await scene.until('its end', async () => !(await exists(scene, name)), 600)
  },
)

row(
  {
    status: 'trace',
    source: 'cloud-custodian/cloud-custodian#497',
    says: 'while it is under way processes are not suspended',
  },
  async (scene) => {
    const { name, of } = await scene.group({ DesiredCapacity: 1 })
    await remove(scene, name, true)
    const call = scene.place.autoScaling.send(new SuspendProcessesCommand(of))
    expect(await scene.refusal(call)).toEqual(
      invalid('Processes may not be suspended while the AutoScaling group is pending delete'),
    )
  },
)

row(
  {
    status: 'trace',
    source: 'cloud-custodian/cloud-custodian#497',
    says: 'while it is under way the group is not changed: pending delete',
  },
  async (scene) => {
    const arn = await targetGroup(scene)
    const { name, of } = await scene.group({ DesiredCapacity: 1, TargetGroupARNs: [arn] })
    await remove(scene, name, true)
    const refused = await scene.refusal(
      scene.place.autoScaling.send(new UpdateAutoScalingGroupCommand({ ...of, MaxSize: 5 })),
    )
    expect(refused.code).toBe('ValidationError')
    expect(refused.message).toContain('pending delete')
  },
)

assumed(
  {
    source: 'only the code is in the model',
    says: 'what it says where instances are left',
    here: 'ResourceInUse You cannot delete an AutoScalingGroup while there are instances still in the group.',
  },
  async (scene) => {
    const { name } = await scene.group({ DesiredCapacity: 1 })
    return await scene.words(remove(scene, name))
  },
)
