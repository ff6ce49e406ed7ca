import {
  DescribeAutoScalingGroupsCommand,
  type DescribeAutoScalingGroupsCommandInput,
} from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('Auto Scaling', 'DescribeAutoScalingGroups')
const model = 'botocore autoscaling'

const list = async ({ place }: Scene, input: DescribeAutoScalingGroupsCommandInput) =>
  (await place.autoScaling.send(new DescribeAutoScalingGroupsCommand(input))).AutoScalingGroups ?? []
const names = async (scene: Scene, input: DescribeAutoScalingGroupsCommandInput) =>
  (await list(scene, input)).map((one) => one.AutoScalingGroupName ?? '').toSorted()
const coloured = async (scene: Scene, ...colours: string[]) => {
  const made: string[] = []
  for (const Value of colours)
    made.push((await scene.group({ Tags: [{ Key: 'colour', Value, PropagateAtLaunch: false }] })).name)
  return made
}

row(
  {
    status: 'trace',
    source: 'alchemy-run/alchemy#227 and others',
    says: 'an unknown name is no error: an empty list',
  },
  async (scene) => {
    expect(await list(scene, { AutoScalingGroupNames: [scene.name()] })).toEqual([])
  },
)

row(
  {
    status: 'model',
    source: model,
    says: 'groups are found by tag:KEY, tag-key and tag-value, together with names',
  },
  async (scene) => {
    const made = await coloured(scene, 'blue', 'green')
    const [blue = '', green = ''] = made
    const Filters = [{ Name: 'tag:colour', Values: ['blue'] }]
    expect(await names(scene, { AutoScalingGroupNames: made, Filters })).toEqual([blue])
    expect(
      await names(scene, {
        AutoScalingGroupNames: made,
        Filters: [{ Name: 'tag-value', Values: ['green'] }],
      }),
    ).toEqual([green])
    expect(
      await names(scene, { AutoScalingGroupNames: made, Filters: [{ Name: 'tag-key', Values: ['colour'] }] }),
    ).toEqual(made.toSorted())
    expect(await names(scene, { AutoScalingGroupNames: [green], Filters })).toEqual([])
  },
)

row(
  { status: 'model', source: model, says: 'the values of a filter are alternatives, filters are joined' },
  async (scene) => {
    const made = await coloured(scene, 'blue', 'green')
    const of = { AutoScalingGroupNames: made }
    const either = { Name: 'tag:colour', Values: ['blue', 'green'] }
    expect(await names(scene, { ...of, Filters: [either] })).toEqual(made.toSorted())
    const both = [either, { Name: 'tag-value', Values: ['blue'] }]
    expect(await names(scene, { ...of, Filters: both })).toEqual([made[0]])
  },
)

row(
  { status: 'model', source: model, says: 'IncludeInstances is true unless said otherwise' },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    const of = { AutoScalingGroupNames: [name] }
    expect((await list(scene, of))[0]?.Instances?.map((one) => one.InstanceId)).toEqual(ids)
    const [without] = await list(scene, { ...of, IncludeInstances: false })
    expect(without?.Instances ?? []).toEqual([])
  },
)

row({ status: 'model', source: model, says: 'pages are as long as MaxRecords says' }, async (scene) => {
  const made = await coloured(scene, 'blue', 'green')
  const input = { AutoScalingGroupNames: made, MaxRecords: 1 }
  const first = await scene.place.autoScaling.send(new DescribeAutoScalingGroupsCommand(input))
  expect(first.AutoScalingGroups).toHaveLength(1)
  const next = { ...input, NextToken: first.NextToken }
  const second = await scene.place.autoScaling.send(new DescribeAutoScalingGroupsCommand(next))
  expect(
    [...(first.AutoScalingGroups ?? []), ...(second.AutoScalingGroups ?? [])].map(
      (one) => one.AutoScalingGroupName,
    ),
  ).toEqual(made)
})

row(
  { status: 'model', source: model, says: '50 names at most, unless MaxRecords raises it' },
  async (scene) => {
    const AutoScalingGroupNames = Array.from({ length: 51 }, () => scene.name())
    expect(await scene.refusal(list(scene, { AutoScalingGroupNames }))).toMatchObject({
      code: 'ValidationError',
      status: 400,
    })
    expect(await list(scene, { AutoScalingGroupNames, MaxRecords: 100 })).toEqual([])
  },
)

row(
  {
    status: 'documented',
    source: 'API reference, DescribeAutoScalingGroups',
    says: 'health is told as Healthy',
  },
  async (scene) => {
    const { name } = await scene.group({ DesiredCapacity: 1 })
    expect((await scene.find(name)).Instances).toMatchObject([
      { HealthStatus: 'Healthy', ProtectedFromScaleIn: false },
    ])
  },
)

row(
  {
    status: 'model',
    source: model,
    says: 'the warm pool is not among the instances',
    local: 'A warm pool costs another instance, and this product refuses groups that have one.',
  },
  async (scene) => {
    const { name } = await scene.group()
    scene.cloud.autoScaling.launchWarm(name)
    await scene.place.advance(30)
    expect((await scene.find(name)).Instances).toEqual([])
  },
)

row({ status: 'model', source: model, says: 'a page has 50 groups unless said otherwise' }, async (scene) => {
  const Value = scene.name()
  for (let count = 0; count < 51; count++)
    await scene.group({ Tags: [{ Key: 'page', Value, PropagateAtLaunch: false }] })
  const Filters = [{ Name: 'tag:page', Values: [Value] }]
  const asked = new DescribeAutoScalingGroupsCommand({ Filters })
  const { AutoScalingGroups, NextToken } = await scene.place.autoScaling.send(asked)
  expect(AutoScalingGroups).toHaveLength(50)
  expect(NextToken).toBeDefined()
})
