import {
  CompleteLifecycleActionCommand,
  type CompleteLifecycleActionCommandInput,
} from '@aws-sdk/client-auto-scaling'
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import { health, targetGroup } from '../support/balancing.ts'
import { putLaunchHook, putTerminationHook } from '../support/lifecycle-hooks.ts'
import { invalid } from '../support/refused.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('Auto Scaling', 'CompleteLifecycleAction')
const guide = 'Auto Scaling user guide, lifecycle-hooks'

const complete = (
  { place }: Scene,
  AutoScalingGroupName: string,
  more: Partial<CompleteLifecycleActionCommandInput>,
) =>
  place.autoScaling.send(
    new CompleteLifecycleActionCommand({
      AutoScalingGroupName,
      LifecycleHookName: 'hook',
      LifecycleActionResult: 'CONTINUE',
      ...more,
    }),
  )
/** An instance that waits for its launch hook. */
const waiting = async (scene: Scene, more = {}, settings = {}) => {
  const { name } = await scene.group(settings)
  await putLaunchHook(scene, name, { LifecycleHookName: 'hook', ...more })
  const [id = ''] = await scene.launch(name, 1, 'Pending:Wait')
  return { name, id }
}
const ec2State = async ({ place }: Scene, id: string) => {
  const { Reservations } = await place.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }))
  return Reservations?.[0]?.Instances?.[0]?.State?.Name
}

row(
  { status: 'documented', source: guide, says: 'CONTINUE of a launch: registered, then in service' },
  async (scene) => {
    const arn = await targetGroup(scene)
    const { name, id } = await waiting(scene, {}, { TargetGroupARNs: [arn] })
    await complete(scene, name, { InstanceId: id })
    await scene.reach(name, [id], 'InService', 120)
    expect([...(await health(scene, arn)).keys()]).toEqual([id])
  },
)

row(
  {
    status: 'documented',
    source: guide,
    says: 'ABANDON of a launch: the instance is ended and another one launched',
  },
  async (scene) => {
    const { name, id } = await waiting(scene)
    await complete(scene, name, { InstanceId: id, LifecycleActionResult: 'ABANDON' })
    await scene.until('its end', async () => (await ec2State(scene, id)) === 'terminated', 600)
    await scene.until(
      'another',
      async () => (await scene.idsIn(name, 'Pending:Wait')).some((one) => one !== id),
      600,
    )
    const launch = (await scene.activities(name)).find(
      (one) => one.Description?.includes('Launching') && one.EndTime,
    )
    expect(launch?.StatusCode).toBe('Cancelled')
  },
)

row(
  { status: 'documented', source: guide, says: 'a heartbeat that runs out is the default result' },
  async (scene) => {
    const { name, id } = await waiting(scene, { HeartbeatTimeout: 30, DefaultResult: 'CONTINUE' })
    await scene.reach(name, [id], 'InService', 120)
  },
)

row(
  {
    status: 'documented',
    source: guide,
    says: 'CONTINUE and ABANDON of a termination both end the instance',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 2 })
    await putTerminationHook(scene, name, { LifecycleHookName: 'hook' })
    await scene.desire(name, 0)
    await scene.reach(name, ids, 'Terminating:Wait')
    for (const id of ids) expect(await ec2State(scene, id)).toBe('running')
    const [first = '', second = ''] = ids
    await complete(scene, name, { InstanceId: first })
    await complete(scene, name, { InstanceId: second, LifecycleActionResult: 'ABANDON' })
    await scene.until('an empty group', async () => (await scene.states(name)).size === 0, 600)
  },
)

row(
  {
    status: 'trace',
    source: 'AutoSpotting, lifecycled and others',
    says: 'an instance that does not wait is refused',
  },
  async (scene) => {
    const { name, id } = await waiting(scene)
    await complete(scene, name, { InstanceId: id })
    expect(await scene.refusal(complete(scene, name, { InstanceId: id }))).toEqual(
      invalid(`No active Lifecycle Action found with instance ID ${id}`),
    )
  },
)

row(
  {
    status: 'trace',
    source: 'AutoSpotting, lifecycled and others',
    says: 'a token that is not waited for is refused',
  },
  async (scene) => {
    const { name, id } = await waiting(scene)
    const LifecycleActionToken = '00000000-0000-0000-0000-000000000000'
    expect(await scene.refusal(complete(scene, name, { InstanceId: id, LifecycleActionToken }))).toEqual(
      invalid(`No active Lifecycle Action found with token ${LifecycleActionToken}`),
    )
  },
)

row(
  {
    status: 'model',
    source: 'botocore autoscaling',
    says: 'the action is named by its token of 36 characters as well',
    local: 'The token is told to a notification target, which this suite has none of.',
  },
  async (scene) => {
    const { name, id } = await waiting(scene)
    const [wait] = scene.cloud.autoScaling.find(id)?.member.waits.values() ?? []
    expect(wait?.token).toHaveLength(36)
    await complete(scene, name, { LifecycleActionToken: wait?.token })
    await scene.reach(name, [id], 'InService', 120)
  },
)

row({ status: 'documented', source: guide, says: 'the result is CONTINUE or ABANDON' }, async (scene) => {
  const { name, id } = await waiting(scene)
  const refused = await scene.refusal(
    complete(scene, name, { InstanceId: id, LifecycleActionResult: 'PERHAPS' }),
  )
  expect(refused).toMatchObject({ code: 'ValidationError', status: 400 })
})
