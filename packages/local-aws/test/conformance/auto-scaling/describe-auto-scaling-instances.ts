import { DescribeAutoScalingInstancesCommand } from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { invalid, stranger, strangers } from '../support/refused.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row, assumed } = operation('Auto Scaling', 'DescribeAutoScalingInstances')

const list = async ({ place }: Scene, InstanceIds: string[]) =>
  (await place.autoScaling.send(new DescribeAutoScalingInstancesCommand({ InstanceIds })))
    .AutoScalingInstances ?? []

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, as-enter-exit-standby',
    says: 'health is told in capitals, as HEALTHY',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    expect(await list(scene, ids)).toMatchObject([
      {
        InstanceId: ids[0],
        AutoScalingGroupName: name,
        LifecycleState: 'InService',
        HealthStatus: 'HEALTHY',
        ProtectedFromScaleIn: false,
      },
    ])
  },
)

row(
  {
    status: 'model',
    source: 'botocore autoscaling',
    says: 'ids that are in no group are left out without an error',
  },
  async (scene) => {
    const { ids } = await scene.group({ DesiredCapacity: 1 })
    expect((await list(scene, [stranger, ...ids])).map((one) => one.InstanceId)).toEqual(ids)
  },
)

row(
  { status: 'trace', source: 'hjacobs/kube-aws-autoscaler', says: 'more than 50 ids are refused' },
  async (scene) => {
    const ids = strangers(51)
    expect(await scene.refusal(list(scene, ids))).toEqual(
      invalid('The number of instance ids that may be passed in is limited to 50'),
    )
    expect(await list(scene, ids.slice(0, 50))).toEqual([])
  },
)

row(
  { status: 'model', source: 'botocore autoscaling', says: 'an id has 19 characters at most' },
  async (scene) => {
    expect(await scene.refusal(list(scene, ['i-0123456789abcdef01']))).toMatchObject({
      code: 'ValidationError',
      status: 400,
    })
  },
)

row(
  {
    status: 'model',
    source: 'botocore autoscaling',
    says: 'pages are as long as MaxRecords says',
  },
  async (scene) => {
    const { ids } = await scene.group({ DesiredCapacity: 2 })
    const page = (NextToken?: string) =>
      scene.place.autoScaling.send(
        new DescribeAutoScalingInstancesCommand({ InstanceIds: ids, MaxRecords: 1, NextToken }),
      )
    const first = await page()
    const second = await page(first.NextToken)
    const told = [...(first.AutoScalingInstances ?? []), ...(second.AutoScalingInstances ?? [])]
    expect(new Set(told.map((one) => one.InstanceId))).toEqual(new Set(ids))
    expect(second.NextToken).toBeUndefined()
  },
)

assumed(
  {
    source: 'documented for a list that is not sent; SDKs send an empty one as a parameter without a value',
    says: 'what an empty list of ids means',
    here: 'every instance',
  },
  async (scene) => {
    const { ids } = await scene.group({ DesiredCapacity: 1 })
    const told = (await list(scene, [])).map((one) => one.InstanceId)
    return told.includes(ids[0]) ? 'every instance' : 'none'
  },
)
