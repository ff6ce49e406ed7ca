import { SetInstanceProtectionCommand } from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { stranger, strangers } from '../support/refused.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('Auto Scaling', 'SetInstanceProtection')

const protect = (
  { place }: Scene,
  AutoScalingGroupName: string,
  InstanceIds: string[],
  ProtectedFromScaleIn = true,
) =>
  place.autoScaling.send(
    new SetInstanceProtectionCommand({ AutoScalingGroupName, InstanceIds, ProtectedFromScaleIn }),
  )
const flags = async (scene: Scene, name: string) =>
  ((await scene.find(name)).Instances ?? []).map((one) => one.ProtectedFromScaleIn)

row(
  { status: 'model', source: 'botocore autoscaling', says: 'it is set and taken back per instance' },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    await protect(scene, name, ids)
    expect(await flags(scene, name)).toEqual([true])
    await protect(scene, name, ids, false)
    expect(await flags(scene, name)).toEqual([false])
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, ec2-auto-scaling-quotas',
    says: 'more than 50 ids are refused',
  },
  async (scene) => {
    const { name } = await scene.group()
    const ids = strangers(51)
    expect(await scene.refusal(protect(scene, name, ids))).toMatchObject({
      code: 'ValidationError',
      status: 400,
    })
  },
)

row(
  {
    status: 'trace',
    source: 'the validator of DetachInstances, reproio/ecs_deploy#56',
    says: 'one stranger fails the whole call',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    expect(await scene.refusal(protect(scene, name, [...ids, stranger]))).toMatchObject({
      code: 'ValidationError',
    })
    expect(await flags(scene, name)).toEqual([false])
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, ec2-auto-scaling-instance-protection',
    says: 'new instances have it where the group says so',
  },
  async (scene) => {
    const { name } = await scene.group({ DesiredCapacity: 1, NewInstancesProtectedFromScaleIn: true })
    expect(await flags(scene, name)).toEqual([true])
  },
)
