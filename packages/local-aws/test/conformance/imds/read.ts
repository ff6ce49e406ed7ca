import { CreateTagsCommand } from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import { metadataService, onTheInstance } from '../support/metadata-service.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('IMDS', 'GET /latest/…')
const guide = 'EC2 user guide, instancedata-data-retrieval'
const categories = 'EC2 user guide, instancedata-data-categories'
const local = onTheInstance

async function oneInstance(scene: Scene) {
  const { ids } = await scene.group({ DesiredCapacity: 1 })
  return { id: ids[0] ?? '', ...(await metadataService(scene, ids)) }
}

row(
  {
    status: 'documented',
    source: guide,
    says: 'a value is plain text, a directory its names, one a line',
    local,
  },
  async (scene) => {
    const { id, get } = await oneInstance(scene)
    expect(await get('instance-id')).toMatchObject({
      status: 200,
      body: id,
      headers: { 'content-type': 'text/plain' },
    })
    expect((await get('placement/')).body.split('\n')).toEqual(['availability-zone', 'region'])
  },
)

row(
  { status: 'documented', source: guide, says: 'what is not there is 404, with a small page', local },
  async (scene) => {
    const { get } = await oneInstance(scene)
    const missing = await get('nothing')
    expect(missing.status).toBe(404)
    expect(missing.body).toContain('<h1>404 - Not Found</h1>')
  },
)

row(
  { status: 'documented', source: guide, says: 'HEAD is answered like GET, without the body', local },
  async (scene) => {
    const { get } = await oneInstance(scene)
    expect(await get('instance-id', 'HEAD')).toMatchObject({
      status: 200,
      body: '',
      headers: { 'content-length': '19' },
    })
  },
)

row(
  {
    status: 'documented',
    source: 'EC2 user guide, instance-identity-documents',
    says: 'the identity document names account, Region, instance and address',
    local,
  },
  async (scene) => {
    const { id, ask, token } = await oneInstance(scene)
    const headers = { 'X-aws-ec2-metadata-token': (await token()).body }
    const { body } = await ask('/latest/dynamic/instance-identity/document', { headers })
    const { cloud } = scene
    const instance = cloud.ec2.existing(id)
    expect(JSON.parse(body)).toMatchObject({
      accountId: cloud.account,
      region: cloud.region,
      instanceId: id,
      imageId: instance.imageId,
      instanceType: instance.instanceType,
      availabilityZone: instance.availabilityZone,
      privateIp: instance.ip,
    })
  },
)

row(
  {
    status: 'documented',
    source: categories,
    says: 'tags are 404 unless they were asked for at launch',
    local,
  },
  async (scene) => {
    const { get } = await oneInstance(scene)
    expect((await get('tags/instance')).status).toBe(404)
  },
)

row(
  {
    status: 'documented',
    source: 'EC2 user guide, Using_Tags',
    says: 'where they were, they are told one by one, and what is written later is told, too',
    local,
  },
  async (scene) => {
    await scene.refineTemplate({ MetadataOptions: { InstanceMetadataTags: 'enabled' } })
    const { id, get } = await oneInstance(scene)
    await scene.place.advance(10)
    expect((await get('tags/instance')).body.split('\n')).toContain('conformance')
    const Tags = [{ Key: 'colour', Value: 'blue' }]
    await scene.place.ec2.send(new CreateTagsCommand({ Resources: [id], Tags }))
    await scene.until('blue', async () => (await get('tags/instance/colour')).body === 'blue', 60)
  },
)

row(
  {
    status: 'documented',
    source: 'EC2 user guide, iam-roles-for-amazon-ec2',
    says: 'an instance without a role has no credentials: 404',
    local,
  },
  async (scene) => {
    const { get } = await oneInstance(scene)
    expect((await get('iam/security-credentials/')).status).toBe(404)
  },
)

row(
  {
    status: 'documented',
    source: 'EC2 user guide, iam-roles-for-amazon-ec2',
    says: 'the credentials of the role are there under its name, and new ones 5 minutes before they end at the latest',
    local,
  },
  async (scene) => {
    const { id, get } = await oneInstance(scene)
    Object.assign(scene.cloud.ec2.existing(id), { profile: 'web' })
    expect((await get('iam/security-credentials/')).body).toBe('web')
    type Keys = { Code: string; Type: string; AccessKeyId: string; Expiration: string }
    const read = async () => JSON.parse((await get('iam/security-credentials/web')).body) as Keys
    const first = await read()
    expect(first).toMatchObject({ Code: 'Success', Type: 'AWS-HMAC' })
    const left = (Date.parse(first.Expiration) - scene.place.now()) / 1_000
    await scene.place.advance(left - 300)
    const second = await read()
    expect(second.AccessKeyId).not.toBe(first.AccessKeyId)
    expect(Date.parse(second.Expiration) - scene.place.now()).toBeGreaterThan(3_600_000)
  },
)

row(
  { status: 'documented', source: categories, says: 'scheduled maintenance is a list in JSON', local },
  async (scene) => {
    const { get } = await oneInstance(scene)
    expect(JSON.parse((await get('events/maintenance/scheduled')).body)).toEqual([])
  },
)
