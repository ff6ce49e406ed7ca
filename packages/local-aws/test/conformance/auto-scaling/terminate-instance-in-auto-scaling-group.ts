import {
  SetInstanceProtectionCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import { health, targetGroup } from '../support/balancing.ts'
import { invalid, stranger } from '../support/refused.ts'
import { putTerminationHook } from '../support/lifecycle-hooks.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row, assumed } = operation('Auto Scaling', 'TerminateInstanceInAutoScalingGroup')

const terminate = ({ place }: Scene, InstanceId = '', ShouldDecrementDesiredCapacity = false) =>
  place.autoScaling.send(
    new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity }),
  )
const ec2State = async ({ place }: Scene, id = '') => {
  const { Reservations } = await place.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }))
  return Reservations?.[0]?.Instances?.[0]?.State?.Name ?? ''
}

row(
  {
    status: 'documented',
    source: 'API reference, TerminateInstanceInAutoScalingGroup',
    says: 'the group is found by the instance; the activity is in progress at 0 % and names the capacity',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    const { Activity } = await terminate(scene, ids[0], true)
    expect(Activity).toMatchObject({
      AutoScalingGroupName: name,
      Description: `Terminating EC2 instance: ${ids[0]}`,
      StatusCode: 'InProgress',
      Progress: 0,
    })
    expect(Activity?.Cause).toMatch(
      /^At \S+Z instance i-\w+ was taken out of service in response to a user request, shrinking the capacity from 1 to 0\.$/,
    )
    expect(await scene.sizes(name)).toEqual([0, 4, 0])
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, ts-as-healthchecks',
    says: 'it is a request only: drain and termination hook come first, then EC2 ends the instance',
  },
  async (scene) => {
    const arn = await targetGroup(scene, { drainS: 30 })
    const { name, ids } = await scene.group({ DesiredCapacity: 1, TargetGroupARNs: [arn] })
    await putTerminationHook(scene, name, { HeartbeatTimeout: 30 })
    await terminate(scene, ids[0], true)
    expect((await scene.states(name)).get(ids[0] ?? '')).toBe('Terminating')
    expect((await health(scene, arn)).get(ids[0] ?? '')).toBe('draining Target.DeregistrationInProgress')
    await scene.reach(name, ids, 'Terminating:Wait')
    expect(await health(scene, arn)).toEqual(new Map())
    expect(await ec2State(scene, ids[0])).toBe('running')
    await scene.until('its end', async () => (await ec2State(scene, ids[0])) === 'terminated', 600)
  },
)

row(
  { status: 'model', source: 'botocore autoscaling', says: 'without a decrement the instance is replaced' },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    const { Activity } = await terminate(scene, ids[0])
    expect(Activity?.Cause).toMatch(/ was taken out of service in response to a user request\.$/)
    await scene.until(
      'a replacement',
      async () => (await scene.idsIn(name, 'InService')).some((id) => id !== ids[0]),
      900,
    )
    expect(await scene.sizes(name)).toEqual([0, 4, 1])
  },
)

row(
  { status: 'trace', source: 'hashicorp/nomad-autoscaler#1290', says: 'a decrement at min is refused' },
  async (scene) => {
    const { ids } = await scene.group({ MinSize: 1 })
    expect(await scene.refusal(terminate(scene, ids[0], true))).toEqual(
      invalid(
        "Currently, desiredSize equals minSize (1). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.",
      ),
    )
  },
)

row(
  {
    status: 'trace',
    source: 'keikoproj/upgrade-manager',
    says: 'an instance in Standby is ended, and nothing replaces it',
  },
  async (scene) => {
    const { name, ids } = await scene.parked(1)
    await terminate(scene, ids[0])
    await scene.until('its end', async () => (await ec2State(scene, ids[0])) === 'terminated', 600)
    await scene.until('an empty group', async () => (await scene.states(name)).size === 0, 120)
    expect(await scene.sizes(name)).toEqual([0, 4, 0])
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, ec2-auto-scaling-instance-protection',
    says: 'scale-in protection does not stop it',
  },
  async (scene) => {
    const { name, of, ids } = await scene.group({ DesiredCapacity: 1 })
    await scene.place.autoScaling.send(
      new SetInstanceProtectionCommand({ ...of, InstanceIds: ids, ProtectedFromScaleIn: true }),
    )
    await terminate(scene, ids[0], true)
    await scene.until('an empty group', async () => (await scene.states(name)).size === 0, 600)
  },
)

row(
  {
    status: 'trace',
    source: 'recorded ClientErrors in several repositories',
    says: 'an instance of no group is refused',
  },
  async (scene) => {
    expect(await scene.refusal(terminate(scene, stranger))).toEqual(
      invalid(`Instance Id not found - No managed instance found for instance ID: ${stranger}`),
    )
  },
)

assumed(
  {
    source: 'by analogy with DetachInstances',
    says: 'whether a decrement lowers desired for an instance in Standby',
    here: 'desired from 1 to 0',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    await scene.park(name, ids)
    await scene.launch(name, 1)
    await terminate(scene, ids[0], true)
    return `desired from 1 to ${(await scene.sizes(name))[2]}`
  },
)
