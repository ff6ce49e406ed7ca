import { CreateOrUpdateTagsCommand, DescribeTagsCommand, type Tag } from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { invalid } from '../support/refused.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row, assumed } = operation('Auto Scaling', 'CreateOrUpdateTags')
const tagging = 'Auto Scaling user guide, ec2-auto-scaling-tagging'

const tag = (ResourceId: string, Key: string, Value = 'x', PropagateAtLaunch = false): Tag => ({
  ResourceId,
  ResourceType: 'auto-scaling-group',
  Key,
  Value,
  PropagateAtLaunch,
})
const put = ({ place }: Scene, ...Tags: Tag[]) =>
  place.autoScaling.send(new CreateOrUpdateTagsCommand({ Tags }))
const listed = async ({ place }: Scene, name: string, key: string) => {
  const Filters = [
    { Name: 'auto-scaling-group', Values: [name] },
    { Name: 'key', Values: [key] },
  ]
  return (await place.autoScaling.send(new DescribeTagsCommand({ Filters }))).Tags ?? []
}
const keys = (name: string, count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => tag(name, `k${from + index}`))

row(
  {
    status: 'model',
    source: 'botocore autoscaling',
    says: 'a tag is told as it was put, with its group and type',
  },
  async (scene) => {
    const { name } = await scene.group()
    await put(scene, tag(name, 'colour', 'blue', true))
    expect(await listed(scene, name, 'colour')).toEqual([tag(name, 'colour', 'blue', true)])
  },
)

row(
  {
    status: 'model',
    source: 'botocore autoscaling',
    says: 'a tag that is there is overwritten silently, its flag too: the last writer wins',
  },
  async (scene) => {
    const { name } = await scene.group()
    await put(scene, tag(name, 'colour', 'blue', true))
    await put(scene, tag(name, 'colour', 'green', false))
    expect(await listed(scene, name, 'colour')).toEqual([tag(name, 'colour', 'green', false)])
  },
)

row(
  { status: 'model', source: 'botocore autoscaling', says: 'one call may name several groups' },
  async (scene) => {
    const { name: one } = await scene.group()
    const { name: other } = await scene.group()
    await put(scene, tag(one, 'colour', 'blue'), tag(other, 'colour', 'green'))
    expect([
      ...(await listed(scene, one, 'colour')),
      ...(await listed(scene, other, 'colour')),
    ]).toMatchObject([{ Value: 'blue' }, { Value: 'green' }])
  },
)

row({ status: 'documented', source: tagging, says: '25 tags a call at most' }, async (scene) => {
  const { name } = await scene.group()
  expect(await scene.refusal(put(scene, ...keys(name, 26)))).toMatchObject({ status: 400 })
  await put(scene, ...keys(name, 25))
})

row({ status: 'documented', source: tagging, says: '50 tags a group at most' }, async (scene) => {
  const { name } = await scene.group()
  await put(scene, ...keys(name, 25))
  await put(scene, ...keys(name, 24, 25))
  expect(await scene.refusal(put(scene, tag(name, 'one-more')))).toMatchObject({
    code: 'LimitExceeded',
    status: 400,
  })
  await put(scene, tag(name, 'k0', 'changed'))
})

row(
  { status: 'trace', source: 'badmintoncryer/cdk-preflight', says: 'keys that begin with aws: are refused' },
  async (scene) => {
    const { name } = await scene.group()
    expect(await scene.refusal(put(scene, tag(name, 'aws:mine')))).toEqual(
      invalid('Your account is not allowed to create tag aws:mine'),
    )
  },
)

row(
  { status: 'model', source: 'botocore autoscaling', says: 'a key has 1 to 128 characters' },
  async (scene) => {
    const { name } = await scene.group()
    for (const key of ['', 'k'.repeat(129)])
      expect(await scene.refusal(put(scene, tag(name, key)))).toMatchObject({ code: 'ValidationError' })
    await put(scene, tag(name, 'k'.repeat(128)))
  },
)

row(
  { status: 'model', source: 'botocore autoscaling', says: 'a value has 0 to 256 characters' },
  async (scene) => {
    const { name } = await scene.group()
    expect(await scene.refusal(put(scene, tag(name, 'k', 'v'.repeat(257))))).toMatchObject({
      code: 'ValidationError',
    })
    await put(scene, tag(name, 'k', 'v'.repeat(256)))
    await put(scene, tag(name, 'k', ''))
    expect(await listed(scene, name, 'k')).toMatchObject([{ Key: 'k' }])
  },
)

assumed(
  {
    source: 'the model says optional, and no default',
    says: 'what an update without PropagateAtLaunch leaves',
    here: 'false',
  },
  async (scene) => {
    const { name } = await scene.group()
    await put(scene, tag(name, 'colour', 'blue', true))
    const { PropagateAtLaunch: _, ...without } = tag(name, 'colour', 'green')
    await put(scene, without)
    return String((await listed(scene, name, 'colour'))[0]?.PropagateAtLaunch)
  },
)

assumed(
  {
    source: 'only the limit is documented',
    says: 'what it says to 26 tags',
    here: 'ValidationError The number of tags in a request is limited to 25',
  },
  async (scene) => {
    const { name } = await scene.group()
    return await scene.words(put(scene, ...keys(name, 26)))
  },
)
