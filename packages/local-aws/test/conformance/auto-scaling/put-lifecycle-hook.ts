import { DescribeLifecycleHooksCommand } from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { putLaunchHook } from '../support/lifecycle-hooks.ts'
import { invalid } from '../support/refused.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('Auto Scaling', 'PutLifecycleHook')
const guide = 'Auto Scaling user guide, lifecycle-hooks'

const listed = async ({ place }: Scene, AutoScalingGroupName: string) =>
  (await place.autoScaling.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName })))
    .LifecycleHooks ?? []

row(
  {
    status: 'documented',
    source: guide,
    says: 'defaults: an hour, ABANDON; in all the lower of 48 hours and 100 heartbeats',
  },
  async (scene) => {
    const { name } = await scene.group()
    await putLaunchHook(scene, name)
    expect(await listed(scene, name)).toEqual([
      {
        LifecycleHookName: 'boot',
        AutoScalingGroupName: name,
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
        HeartbeatTimeout: 3_600,
        GlobalTimeout: 172_800,
        DefaultResult: 'ABANDON',
      },
    ])
    await putLaunchHook(scene, name, { HeartbeatTimeout: 60 })
    expect(await listed(scene, name)).toMatchObject([{ HeartbeatTimeout: 60, GlobalTimeout: 6_000 }])
  },
)

row(
  { status: 'trace', source: 'badmintoncryer/cdk-preflight', says: 'a heartbeat is 30 to 7200 seconds' },
  async (scene) => {
    const { name } = await scene.group()
    for (const HeartbeatTimeout of [29, 7_201])
      expect(await scene.refusal(putLaunchHook(scene, name, { HeartbeatTimeout }))).toEqual(
        invalid('HeartbeatTimeout must be between 30 and 7200 seconds'),
      )
    for (const HeartbeatTimeout of [30, 7_200]) await putLaunchHook(scene, name, { HeartbeatTimeout })
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, ec2-auto-scaling-quotas',
    says: '50 hooks a group at most',
  },
  async (scene) => {
    const { name } = await scene.group()
    for (let count = 0; count < 50; count++)
      await putLaunchHook(scene, name, { LifecycleHookName: `hook-${count}` })
    expect(await scene.refusal(putLaunchHook(scene, name))).toMatchObject({
      code: 'LimitExceeded',
      status: 400,
    })
    await putLaunchHook(scene, name, { LifecycleHookName: 'hook-0', HeartbeatTimeout: 60 })
  },
)
