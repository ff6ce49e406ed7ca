import { DescribeTagsCommand, type Filter } from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('Auto Scaling', 'DescribeTags')
const model = 'botocore autoscaling'

const list = async ({ place }: Scene, ...Filters: Filter[]) =>
  (await place.autoScaling.send(new DescribeTagsCommand({ Filters }))).Tags ?? []
const filter = (Name: string, ...Values: string[]): Filter => ({ Name, Values })
const told = async (scene: Scene, ...filters: Filter[]) =>
  (await list(scene, ...filters)).map(({ Key, Value }) => `${Key}=${Value}`)
/** A group with a=1, b=2 (propagated) and conformance (propagated). */
const tagged = async (scene: Scene) =>
  await scene.group({
    Tags: [
      { Key: 'a', Value: '1', PropagateAtLaunch: false },
      { Key: 'b', Value: '2', PropagateAtLaunch: true },
    ],
  })

row(
  { status: 'model', source: model, says: 'the values of a filter are alternatives, filters are joined' },
  async (scene) => {
    const { name } = await tagged(scene)
    const group = filter('auto-scaling-group', name)
    expect(await told(scene, group, filter('key', 'a', 'b'))).toEqual(['a=1', 'b=2'])
    expect(await told(scene, group, filter('key', 'a', 'b'), filter('value', '2'))).toEqual(['b=2'])
  },
)

row({ status: 'model', source: model, says: 'propagate-at-launch is true or false' }, async (scene) => {
  const { name } = await tagged(scene)
  const group = filter('auto-scaling-group', name)
  expect(await told(scene, group, filter('propagate-at-launch', 'false'))).toEqual(['a=1'])
  expect(await told(scene, group, filter('propagate-at-launch', 'true'), filter('key', 'b'))).toEqual(['b=2'])
})

row({ status: 'model', source: model, says: 'no match is an empty list, no error' }, async (scene) => {
  expect(await list(scene, filter('auto-scaling-group', scene.name()))).toEqual([])
})

row({ status: 'model', source: model, says: 'pages are as long as MaxRecords says' }, async (scene) => {
  const { name } = await tagged(scene)
  const Filters = [filter('auto-scaling-group', name), filter('key', 'a', 'b')]
  const first = await scene.place.autoScaling.send(new DescribeTagsCommand({ Filters, MaxRecords: 1 }))
  expect(first.Tags).toHaveLength(1)
  const { NextToken } = first
  const second = await scene.place.autoScaling.send(new DescribeTagsCommand({ Filters, NextToken }))
  expect([...(first.Tags ?? []), ...(second.Tags ?? [])].map(({ Key }) => Key)).toEqual(['a', 'b'])
  expect(second.NextToken).toBeUndefined()
})

row({ status: 'model', source: model, says: 'a page has 50 tags unless said otherwise' }, async (scene) => {
  const some = Array.from({ length: 24 }, (_, index) => ({ Key: `k${index}`, Value: 'x' }))
  for (let count = 0; count < 3; count++) await scene.group({ Tags: some })
  const Filters = [filter('value', 'x')]
  const { Tags, NextToken } = await scene.place.autoScaling.send(new DescribeTagsCommand({ Filters }))
  expect(Tags).toHaveLength(50)
  expect(NextToken).toBeDefined()
})

row({ status: 'model', source: model, says: "tags of groups only, never an instance's" }, async (scene) => {
  const { name } = await scene.group({ DesiredCapacity: 1 })
  const tags = await list(scene, filter('auto-scaling-group', name))
  expect(tags.map(({ ResourceType, ResourceId }) => [ResourceType, ResourceId])).toEqual([
    ['auto-scaling-group', name],
  ])
})

row(
  { status: 'model', source: model, says: 'a token that was never given out is refused' },
  async (scene) => {
    const call = scene.place.autoScaling.send(new DescribeTagsCommand({ NextToken: 'nonsense' }))
    expect(await scene.refusal(call)).toMatchObject({ code: 'InvalidNextToken', status: 400 })
  },
)
