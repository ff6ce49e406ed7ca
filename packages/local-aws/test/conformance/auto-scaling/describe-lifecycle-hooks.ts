import { DescribeLifecycleHooksCommand } from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { putTerminationHook } from '../support/lifecycle-hooks.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('Auto Scaling', 'DescribeLifecycleHooks')

const list = async ({ place }: Scene, AutoScalingGroupName: string, LifecycleHookNames?: string[]) => {
  const asked = new DescribeLifecycleHooksCommand({ AutoScalingGroupName, LifecycleHookNames })
  return ((await place.autoScaling.send(asked)).LifecycleHooks ?? []).map((one) => one.LifecycleHookName)
}

row(
  { status: 'model', source: 'botocore autoscaling', says: 'all hooks of a group, or those named' },
  async (scene) => {
    const { name } = await scene.group()
    for (const LifecycleHookName of ['a', 'b']) await putTerminationHook(scene, name, { LifecycleHookName })
    expect(new Set(await list(scene, name))).toEqual(new Set(['a', 'b']))
    expect(await list(scene, name, ['b'])).toEqual(['b'])
  },
)

row(
  {
    status: 'trace',
    source: 'several repositories',
    says: 'a group that is not there is an error, other than in DescribeAutoScalingGroups',
  },
  async (scene) => {
    expect(await scene.refusal(list(scene, scene.name()))).toMatchObject({
      code: 'ValidationError',
      status: 400,
    })
  },
)

row({ status: 'model', source: 'botocore autoscaling', says: '50 names at most' }, async (scene) => {
  const { name } = await scene.group()
  const names = Array.from({ length: 51 }, (_, index) => `hook-${index}`)
  expect(await scene.refusal(list(scene, name, names))).toMatchObject({
    code: 'ValidationError',
    status: 400,
  })
})
