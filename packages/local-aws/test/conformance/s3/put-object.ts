import { createHash } from 'node:crypto'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import { bucket, read, write } from '../support/bucket.ts'
import { operation } from '../support/row.ts'

const { row } = operation('S3', 'PutObject')
const conditionalWrites = 'S3 user guide, conditional-writes'

row(
  {
    status: 'documented',
    source: conditionalWrites,
    says: 'If-None-Match * writes where no object is, and is refused with 412 where one is',
  },
  async (scene) => {
    const object = { Bucket: await bucket(scene), Key: 'record' }
    await write(scene, object, 'first', { IfNoneMatch: '*' })
    expect(await scene.refusal(write(scene, object, 'second', { IfNoneMatch: '*' }))).toEqual({
      code: 'PreconditionFailed',
      status: 412,
      message: 'At least one of the pre-conditions you specified did not hold',
    })
    expect(await read(scene, object)).toBe('first')
  },
)

row(
  {
    status: 'documented',
    source: conditionalWrites,
    says: 'If-Match writes over the object of that ETag alone; 412 for another, which stays',
  },
  async (scene) => {
    const object = { Bucket: await bucket(scene), Key: 'record' }
    const first = await write(scene, object, 'first')
    const second = await write(scene, object, 'second', { IfMatch: first })
    expect(await scene.refusal(write(scene, object, 'third', { IfMatch: first }))).toMatchObject({
      code: 'PreconditionFailed',
      status: 412,
    })
    expect(await read(scene, object)).toBe('second')
    await write(scene, object, 'third', { IfMatch: second })
  },
)

row(
  {
    status: 'documented',
    source: conditionalWrites,
    says: 'If-Match where no object is, or none any more, is 404',
  },
  async (scene) => {
    const object = { Bucket: await bucket(scene), Key: 'record' }
    expect(
      await scene.refusal(write(scene, object, 'x', { IfMatch: '"00000000000000000000000000000000"' })),
    ).toMatchObject({ code: 'NoSuchKey', status: 404 })
  },
)

row(
  {
    status: 'documented',
    source: conditionalWrites,
    says: 'of many that write under If-None-Match at once one wins; the others are told 412, or 409 to try again',
  },
  async (scene) => {
    const object = { Bucket: await bucket(scene), Key: 'record' }
    const writers = Array.from({ length: 8 }, (_, one) =>
      write(scene, object, String(one), { IfNoneMatch: '*' }),
    )
    const ends = await Promise.allSettled(writers)
    const winner = ends.findIndex(({ status }) => status === 'fulfilled')
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const end of ends)
      if (end.status === 'rejected')
        expect(['PreconditionFailed', 'ConditionalRequestConflict']).toContain((end.reason as Error).name)
    expect(await read(scene, object)).toBe(String(winner))
  },
)

row(
  {
    status: 'model',
    source: 's3 2006-03-01, PutObject',
    says: 'a conflict while it is written is 409 ConditionalRequestConflict and leaves the object as it is',
    local: 'two writes cannot be made to meet on purpose',
  },
  async (scene) => {
    const object = { Bucket: await bucket(scene), Key: 'record' }
    const first = await write(scene, object, 'first')
    scene.cloud.objects.conflict = () => true
    expect(await scene.refusal(write(scene, object, 'second', { IfMatch: first }))).toEqual({
      code: 'ConditionalRequestConflict',
      status: 409,
      message: 'The conditional request cannot succeed due to a conflicting operation against this resource.',
    })
    expect(await read(scene, object)).toBe('first')
    scene.cloud.objects.conflict = null
    await write(scene, object, 'second', { IfMatch: first })
  },
)

row(
  {
    status: 'model',
    source: 's3 2006-03-01, PutObject',
    says: 'If-None-Match takes an asterisk alone',
  },
  async (scene) => {
    const object = { Bucket: await bucket(scene), Key: 'record' }
    const etag = await write(scene, object, 'first')
    expect(await scene.refusal(write(scene, object, 'x', { IfNoneMatch: etag }))).toMatchObject({
      code: 'NotImplemented',
      status: 501,
    })
  },
)

row(
  {
    status: 'documented',
    source: conditionalWrites,
    says: 'a conditional write that nobody signed is refused',
  },
  async (scene) => {
    const object = { Bucket: await bucket(scene), Key: 'record' }
    const put = new PutObjectCommand({ ...object, Body: 'x', IfNoneMatch: '*' })
    put.middlewareStack.add(
      (next) => (args) => {
        delete (args.request as { headers: Record<string, string> }).headers['authorization']
        return next(args)
      },
      { step: 'deserialize', name: 'unsigned' },
    )
    expect(await scene.refusal(scene.place.s3.send(put))).toMatchObject({ code: 'AccessDenied', status: 403 })
  },
)

row(
  {
    status: 'documented',
    source: 'S3 user guide, checking object integrity',
    says: 'the ETag of a plain object is the quoted MD5 of its bytes, and comes with its quotes',
  },
  async (scene) => {
    const object = { Bucket: await bucket(scene), Key: 'record' }
    const md5 = createHash('md5').update('first').digest('hex')
    expect(await write(scene, object, 'first')).toBe(`"${md5}"`)
  },
)

row(
  {
    status: 'documented',
    source: 'S3 user guide, data consistency model',
    says: 'GET and HEAD see a write at once, also one over another',
  },
  async (scene) => {
    const object = { Bucket: await bucket(scene), Key: 'record' }
    for (const body of ['first', 'second', 'third']) {
      await write(scene, object, body)
      expect(await read(scene, object)).toBe(body)
    }
  },
)
