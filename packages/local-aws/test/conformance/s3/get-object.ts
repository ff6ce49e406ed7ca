import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import { bucket, write } from '../support/bucket.ts'
import { operation } from '../support/row.ts'

const get = operation('S3', 'GetObject')
const head = operation('S3', 'HeadObject')

get.row(
  {
    status: 'documented',
    source: 'S3 API reference, error responses',
    says: 'a key that is not there is 404 NoSuchKey',
  },
  async (scene) => {
    const missing = new GetObjectCommand({ Bucket: await bucket(scene), Key: 'none' })
    expect(await scene.refusal(scene.place.s3.send(missing))).toEqual({
      code: 'NoSuchKey',
      status: 404,
      message: 'The specified key does not exist.',
    })
  },
)

get.row(
  {
    status: 'documented',
    source: 'S3 API reference, error responses',
    says: 'a bucket that is not there is 404 NoSuchBucket',
  },
  async (scene) => {
    const missing = new GetObjectCommand({ Bucket: `${await bucket(scene)}-none`, Key: 'none' })
    expect(await scene.refusal(scene.place.s3.send(missing))).toEqual({
      code: 'NoSuchBucket',
      status: 404,
      message: 'The specified bucket does not exist',
    })
  },
)

get.row(
  {
    status: 'model',
    source: 's3 2006-03-01, GetObject',
    says: 'If-None-Match with the ETag one has is 304, If-Match with another 412',
  },
  async (scene) => {
    const object = { Bucket: await bucket(scene), Key: 'record' }
    const etag = await write(scene, object, 'first')
    const { s3 } = scene.place
    const again = s3.send(new GetObjectCommand({ ...object, IfNoneMatch: etag }))
    expect(await scene.refusal(again)).toMatchObject({ status: 304 })
    const other = '"00000000000000000000000000000000"'
    const wrong = s3.send(new GetObjectCommand({ ...object, IfMatch: other }))
    expect(await scene.refusal(wrong)).toMatchObject({ code: 'PreconditionFailed', status: 412 })
  },
)

head.row(
  {
    status: 'documented',
    source: 'S3 API reference, HeadObject',
    says: 'has no body to say why: what is missing is a 404 called NotFound by its status alone',
  },
  async (scene) => {
    const missing = new HeadObjectCommand({ Bucket: await bucket(scene), Key: 'none' })
    expect(await scene.refusal(scene.place.s3.send(missing))).toMatchObject({ code: 'NotFound', status: 404 })
  },
)
