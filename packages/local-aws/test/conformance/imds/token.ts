import { expect } from 'vitest'
import { metadataService, onTheInstance } from '../support/metadata-service.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('IMDS', 'PUT /latest/api/token')
const guide = 'EC2 user guide, instancedata-data-retrieval'
const local = onTheInstance

async function oneInstance(scene: Scene, settings: Parameters<typeof metadataService>[2] = {}) {
  const { ids } = await scene.group({ DesiredCapacity: 2 })
  return { ids, ...(await metadataService(scene, ids, settings)) }
}

row(
  {
    status: 'documented',
    source: 'EC2 user guide, instance-metadata-v2-how-it-works',
    says: 'a token lives from 1 to 21600 s; anything else is 400',
    local,
  },
  async (scene) => {
    const { token, ask } = await oneInstance(scene)
    for (const ttl of ['1', '21600']) expect((await token(ttl)).status).toBe(200)
    for (const ttl of ['0', '21601', 'long']) expect((await token(ttl)).status).toBe(400)
    expect((await ask('/latest/api/token', { method: 'PUT' })).status).toBe(400)
  },
)

row(
  {
    status: 'trace',
    source: "AWS's own amazon-ec2-metadata-mock",
    says: 'the answer gives the time to live back',
    local,
  },
  async (scene) => {
    const { token } = await oneInstance(scene)
    expect((await token('77')).headers['x-aws-ec2-metadata-token-ttl-seconds']).toBe('77')
  },
)

row(
  { status: 'documented', source: guide, says: 'a path with a version of its own is 403', local },
  async (scene) => {
    const { ask } = await oneInstance(scene)
    const headers = { 'X-aws-ec2-metadata-token-ttl-seconds': '60' }
    expect((await ask('/2021-03-23/api/token', { method: 'PUT', headers })).status).toBe(403)
  },
)

row(
  { status: 'documented', source: guide, says: 'a request that was forwarded is 403', local },
  async (scene) => {
    const { token } = await oneInstance(scene)
    expect((await token('60', { headers: { 'X-Forwarded-For': '10.0.0.1' } })).status).toBe(403)
  },
)

row({ status: 'documented', source: guide, says: 'a service that is off is 403', local }, async (scene) => {
  const { token, ask } = await oneInstance(scene, { httpEndpoint: 'disabled' })
  expect((await token()).status).toBe(403)
  expect((await ask('/latest/meta-data/instance-id')).status).toBe(403)
})

row(
  {
    status: 'documented',
    source: guide,
    says: 'without a token, with one made up or of another instance it is 401',
    local,
  },
  async (scene) => {
    const { ids, token, ask } = await oneInstance(scene)
    const read = (given?: string) =>
      ask('/latest/meta-data/instance-id', { headers: given ? { 'X-aws-ec2-metadata-token': given } : {} })
    expect((await read()).status).toBe(401)
    expect((await read('made-up')).status).toBe(401)
    const foreign = await token('60', { from: ids[1] })
    expect(foreign.status).toBe(200)
    expect((await read(foreign.body)).status).toBe(401)
  },
)

row(
  { status: 'documented', source: guide, says: 'a token that has expired is 401', local },
  async (scene) => {
    const { token, ask } = await oneInstance(scene)
    const headers = { 'X-aws-ec2-metadata-token': (await token('60')).body }
    expect((await ask('/latest/meta-data/instance-id', { headers })).status).toBe(200)
    await scene.place.advance(61)
    expect((await ask('/latest/meta-data/instance-id', { headers })).status).toBe(401)
  },
)

row(
  { status: 'documented', source: guide, says: 'where tokens are optional, reads go without', local },
  async (scene) => {
    const { ask } = await oneInstance(scene, { httpTokens: 'optional' })
    expect((await ask('/latest/meta-data/instance-id')).status).toBe(200)
  },
)
