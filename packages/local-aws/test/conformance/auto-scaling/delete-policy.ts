import { DeletePolicyCommand } from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { alarm, find } from '../support/alarm.ts'
import { policiesOf, putPolicy, simple, step, tracking } from '../support/policies.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row, assumed } = operation('Auto Scaling', 'DeletePolicy')

const remove = ({ place }: Scene, PolicyName: string | undefined, AutoScalingGroupName?: string) =>
  place.autoScaling.send(new DeletePolicyCommand({ PolicyName, AutoScalingGroupName }))

row(
  {
    status: 'documented',
    source: 'API reference, DeletePolicy',
    says: 'a simple or step policy leaves its alarm behind, without the action',
  },
  async (scene) => {
    const { name } = await scene.group()
    for (const definition of [simple, step]) {
      const { PolicyARN } = await putPolicy(scene, name, definition)
      const busy = await alarm(scene, { AlarmActions: [PolicyARN ?? ''] })
      await remove(scene, 'grow', name)
      expect(await find(scene, busy)).toMatchObject({ AlarmName: busy, AlarmActions: [] })
    }
    expect(await policiesOf(scene, name)).toEqual([])
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, deleting-scaling-policy',
    says: 'the alarms that target tracking made for itself go with it',
  },
  async (scene) => {
    const { name } = await scene.group()
    const { Alarms } = await putPolicy(scene, name, tracking)
    await remove(scene, 'grow', name)
    for (const { AlarmName } of Alarms ?? [])
      await scene.until('no alarm', async () => (await find(scene, AlarmName ?? '')) === undefined, 60)
  },
)

row(
  { status: 'model', source: 'botocore autoscaling', says: 'the name may be an ARN, which needs no group' },
  async (scene) => {
    const { name } = await scene.group()
    const { PolicyARN } = await putPolicy(scene, name, simple)
    await remove(scene, PolicyARN)
    expect(await policiesOf(scene, name)).toEqual([])
  },
)

row(
  { status: 'model', source: 'botocore autoscaling', says: 'policies of one name in two groups are two' },
  async (scene) => {
    const { name: one } = await scene.group()
    const { name: other } = await scene.group()
    for (const name of [one, other]) await putPolicy(scene, name, simple)
    await remove(scene, 'grow', one)
    expect(await policiesOf(scene, one)).toEqual([])
    expect(await policiesOf(scene, other)).toHaveLength(1)
  },
)

assumed(
  { source: 'not documented', says: 'a policy that is not there', here: 'ValidationError' },
  async (scene) => {
    const { name } = await scene.group()
    return await remove(scene, 'never', name).then(
      () => 'no error',
      (error: Error) => error.name,
    )
  },
)
