import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import { bucket, read, write } from '../support/bucket.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row, assumed } = operation('S3', 'DeleteObject')
const model = 's3 2006-03-01, DeleteObject'

function remove({ place }: Scene, object: { Bucket: string; Key: string }, IfMatch?: string) {
  return place.s3.send(new DeleteObjectCommand({ ...object, IfMatch }))
}

row(
  { status: 'model', source: model, says: 'If-Match spares an object of another ETag with 412' },
  async (scene) => {
    const object = { Bucket: await bucket(scene), Key: 'lock' }
    const mine = await write(scene, object, 'mine')
    await write(scene, object, 'theirs')
    expect(await scene.refusal(remove(scene, object, mine))).toMatchObject({
      code: 'PreconditionFailed',
      status: 412,
    })
    expect(await read(scene, object)).toBe('theirs')
  },
)

row(
  {
    status: 'model',
    source: model,
    says: 'If-Match with the ETag that stands, or with an asterisk, deletes',
  },
  async (scene) => {
    const object = { Bucket: await bucket(scene), Key: 'lock' }
    await remove(scene, object, await write(scene, object, 'mine'))
    expect(await scene.refusal(read(scene, object))).toMatchObject({ code: 'NoSuchKey' })
    await write(scene, object, 'mine')
    await remove(scene, object, '*')
    expect(await scene.refusal(read(scene, object))).toMatchObject({ code: 'NoSuchKey' })
  },
)

row(
  {
    status: 'model',
    source: model,
    says: 'an object that is not there is no error, nor is the same call again',
  },
  async (scene) => {
    const object = { Bucket: await bucket(scene), Key: 'lock' }
    await write(scene, object, 'mine')
    for (let time = 0; time < 2; time += 1)
      expect((await remove(scene, object)).$metadata.httpStatusCode).toBe(204)
  },
)

assumed(
  {
    source: 'the model is silent',
    says: 'If-Match where no object is',
    here: '404 NoSuchKey',
  },
  async (scene) => {
    const object = { Bucket: await bucket(scene), Key: 'lock' }
    const etag = await write(scene, object, 'mine')
    await remove(scene, object)
    const { status, code } = await scene.refusal(remove(scene, object, etag))
    return `${status} ${code}`
  },
)
