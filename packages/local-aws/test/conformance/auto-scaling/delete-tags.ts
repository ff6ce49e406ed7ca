import { CreateOrUpdateTagsCommand, DeleteTagsCommand, type Tag } from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row, assumed } = operation('Auto Scaling', 'DeleteTags')

const tag = (ResourceId: string, Key: string, Value = 'x'): Tag => ({
  ResourceId,
  ResourceType: 'auto-scaling-group',
  Key,
  Value,
  PropagateAtLaunch: false,
})
const remove = ({ place }: Scene, ...Tags: Tag[]) => place.autoScaling.send(new DeleteTagsCommand({ Tags }))
const tagged = async (scene: Scene) => {
  const { name } = await scene.group()
  const Tags = [tag(name, 'a'), tag(name, 'b')]
  await scene.place.autoScaling.send(new CreateOrUpdateTagsCommand({ Tags }))
  return name
}
const keysOf = async (scene: Scene, name: string) =>
  ((await scene.find(name)).Tags ?? []).map((one) => one.Key).filter((key) => key !== 'conformance')

row(
  { status: 'model', source: 'botocore autoscaling', says: 'tags are taken off by key, all of one call' },
  async (scene) => {
    const name = await tagged(scene)
    await remove(scene, tag(name, 'a'), tag(name, 'b'))
    expect(await keysOf(scene, name)).toEqual([])
  },
)

assumed(
  {
    source: 'the shape is that of a tag, the meaning of its value is not documented',
    says: 'whether another value saves a tag',
    here: 'deleted',
  },
  async (scene) => {
    const name = await tagged(scene)
    await remove(scene, tag(name, 'a', 'other'))
    return (await keysOf(scene, name)).includes('a') ? 'kept' : 'deleted'
  },
)

assumed({ source: 'not documented', says: 'a tag that is not there', here: 'no error' }, async (scene) => {
  const name = await tagged(scene)
  return await remove(scene, tag(name, 'never')).then(
    () => 'no error',
    (error: Error) => error.message,
  )
})
