import {
  UpdateAutoScalingGroupCommand,
  type UpdateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling'
import { CreateLaunchTemplateVersionCommand } from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import { invalid } from '../support/refused.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('Auto Scaling', 'UpdateAutoScalingGroup')
const model = 'botocore autoscaling'

const update = (
  { place }: Scene,
  AutoScalingGroupName: string,
  change: Partial<UpdateAutoScalingGroupCommandInput>,
) => place.autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, ...change }))

row({ status: 'model', source: model, says: 'what is not sent stays as it is' }, async (scene) => {
  const { name } = await scene.group({
    MinSize: 0,
    MaxSize: 3,
    HealthCheckGracePeriod: 30,
    DefaultCooldown: 10,
  })
  const { Tags, ...before } = await scene.find(name)
  await update(scene, name, { HealthCheckGracePeriod: 60 })
  expect(await scene.find(name)).toEqual({ ...before, Tags, HealthCheckGracePeriod: 60 })
})

row({ status: 'model', source: model, says: 'min above desired raises desired to it' }, async (scene) => {
  const { name } = await scene.group()
  await update(scene, name, { MinSize: 1 })
  expect(await scene.sizes(name)).toEqual([1, 4, 1])
})

row({ status: 'model', source: model, says: 'max below desired lowers desired to it' }, async (scene) => {
  const { name } = await scene.group({ DesiredCapacity: 2 })
  await update(scene, name, { MaxSize: 1 })
  expect(await scene.sizes(name)).toEqual([0, 1, 1])
})

row(
  {
    status: 'trace',
    source: 'traveloka/terraform-aws-autoscaling#56',
    says: 'desired outside min and max is refused',
  },
  async (scene) => {
    const { name } = await scene.group({ MinSize: 0, MaxSize: 1 })
    expect(await scene.refusal(update(scene, name, { DesiredCapacity: 10 }))).toEqual(
      invalid('Desired capacity:10 must be between the specified min size:0 and max size:1'),
    )
    expect(await scene.sizes(name)).toEqual([0, 1, 0])
  },
)

row(
  { status: 'trace', source: 'quoted in two public scripts', says: 'min above max is refused' },
  async (scene) => {
    const { name } = await scene.group()
    expect(await scene.refusal(update(scene, name, { MinSize: 5, MaxSize: 3 }))).toEqual(
      invalid('Max bound, 3, must be greater than or equal to min bound, 5'),
    )
  },
)

row(
  { status: 'model', source: model, says: 'the health check type is a list with commas' },
  async (scene) => {
    const { name } = await scene.group()
    await update(scene, name, { HealthCheckType: 'EC2,ELB' })
    expect((await scene.find(name)).HealthCheckType).toBe('EC2,ELB')
  },
)

row(
  { status: 'model', source: model, says: 'the answer carries nothing: activities tell what follows' },
  async (scene) => {
    const { name } = await scene.group()
    const { $metadata, ...answer } = await update(scene, name, { MinSize: 1 })
    expect($metadata.httpStatusCode).toBe(200)
    expect(answer).toEqual({})
    await scene.until('an activity', async () => (await scene.activities(name)).length > 0, 120)
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, as-enter-exit-standby',
    says: 'a new launch template version leaves running instances and those in Standby as they are',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 2 })
    await scene.park(name, ids.slice(0, 1))
    const LaunchTemplateName = await scene.template()
    await scene.place.ec2.send(
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateName,
        SourceVersion: '1',
        LaunchTemplateData: {},
      }),
    )
    await update(scene, name, { LaunchTemplate: { LaunchTemplateName, Version: '2' } })
    await scene.place.advance(60)
    const { Instances } = await scene.find(name)
    const versions = new Map(Instances?.map((one) => [one.InstanceId, one.LaunchTemplate?.Version]))
    expect(versions).toEqual(new Map(ids.map((id) => [id, '1'])))
  },
)
