import { CreateTagsCommand, DescribeTagsCommand } from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('EC2', 'CreateTags')
const model = 'ec2 2016-11-15, CreateTags'

function tag({ place }: Scene, id: string, tags: Record<string, string>) {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
  return place.ec2.send(new CreateTagsCommand({ Resources: [id], Tags }))
}

async function tagsOf({ place }: Scene, id: string): Promise<Record<string, string>> {
  const Filters = [{ Name: 'resource-id', Values: [id] }]
  const { Tags = [] } = await place.ec2.send(new DescribeTagsCommand({ Filters }))
  return Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]))
}

row(
  { status: 'model', source: model, says: 'overwrites the value of a key that is there' },
  async (scene) => {
    const { ids } = await scene.group({ DesiredCapacity: 1 })
    const [id = ''] = ids
    await tag(scene, id, { colour: 'blue' })
    await tag(scene, id, { colour: 'green' })
    await scene.until('green', async () => (await tagsOf(scene, id))['colour'] === 'green', 60)
  },
)

row(
  {
    status: 'documented',
    source: 'EC2 API reference, eventual consistency',
    says: 'tags are seen some time after they are written',
    local: 'in an account it may be too soon to see',
  },
  async (scene) => {
    const { ids } = await scene.group({ DesiredCapacity: 1 })
    const [id = ''] = ids
    await tag(scene, id, { colour: 'blue' })
    expect(await tagsOf(scene, id)).not.toHaveProperty('colour')
    await scene.until('blue', async () => (await tagsOf(scene, id))['colour'] === 'blue', 60)
  },
)

row(
  { status: 'documented', source: 'EC2 user guide, Using_Tags', says: 'an instance has at most 50 tags' },
  async (scene) => {
    const { ids } = await scene.group({ DesiredCapacity: 1 })
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, one) => [`key-${one}`, '']))
    expect(await scene.refusal(tag(scene, ids[0] ?? '', many))).toMatchObject({
      code: 'TagLimitExceeded',
      status: 400,
    })
  },
)

row(
  {
    status: 'documented',
    source: 'EC2 user guide, Using_Tags',
    says: 'keys that begin with aws: are reserved',
  },
  async (scene) => {
    const { ids } = await scene.group({ DesiredCapacity: 1 })
    expect(await scene.refusal(tag(scene, ids[0] ?? '', { 'aws:colour': 'blue' }))).toMatchObject({
      status: 400,
    })
  },
)

row(
  {
    status: 'documented',
    source: 'Auto Scaling user guide, ec2-auto-scaling-tagging',
    says: 'an instance of a group has the propagated tags and the name of its group from its launch',
  },
  async (scene) => {
    const { name, ids } = await scene.group({
      DesiredCapacity: 1,
      Tags: [
        { Key: 'given', Value: 'yes', PropagateAtLaunch: true },
        { Key: 'kept', Value: 'yes', PropagateAtLaunch: false },
      ],
    })
    const tags = await tagsOf(scene, ids[0] ?? '')
    expect(tags).toMatchObject({ given: 'yes', 'aws:autoscaling:groupName': name })
    expect(tags).not.toHaveProperty('kept')
  },
)

const pathKeys = {
  status: 'documented',
  source: 'EC2 user guide, Using_Tags',
} as const

row(
  { ...pathKeys, says: 'where metadata tell the tags, a key with a slash or a space is refused' },
  async (scene) => {
    await scene.refineTemplate({ MetadataOptions: { InstanceMetadataTags: 'enabled' } })
    const { ids } = await scene.group({ DesiredCapacity: 1 })
    const [id = ''] = ids
    for (const key of ['blue/green', 'blue green', '_index'])
      expect(await scene.refusal(tag(scene, id, { [key]: 'yes' }))).toMatchObject({
        code: 'InvalidParameterValue',
        status: 400,
      })
    await tag(scene, id, { 'switchover:service': 'web' })
  },
)

row(
  {
    status: 'trace',
    source: 'issue threads of Auto Scaling users',
    says: 'where metadata tell the tags, a launch with such a key fails',
  },
  async (scene) => {
    await scene.refineTemplate({ MetadataOptions: { InstanceMetadataTags: 'enabled' } })
    const { name } = await scene.group({
      Tags: [{ Key: 'blue/green', Value: 'yes', PropagateAtLaunch: true }],
    })
    await scene.desire(name, 1)
    const failed = async () => (await scene.activities(name)).some((one) => one.StatusCode === 'Failed')
    await scene.until('the launch failed', failed, 300)
  },
)
