import { DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import { bucket, write } from '../support/bucket.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('S3', 'ListObjectsV2')
const consistency = 'S3 user guide, data consistency model'

async function keys({ place }: Scene, Bucket: string): Promise<(string | undefined)[]> {
  const { Contents = [] } = await place.s3.send(new ListObjectsV2Command({ Bucket }))
  return Contents.map(({ Key }) => Key)
}

row(
  {
    status: 'documented',
    source: consistency,
    says: 'lists an object right after its PUT, and no more right after its DELETE',
  },
  async (scene) => {
    const Bucket = await bucket(scene)
    for (const Key of ['a', 'b', 'c']) await write(scene, { Bucket, Key }, Key)
    expect(await keys(scene, Bucket)).toEqual(['a', 'b', 'c'])
    await scene.place.s3.send(new DeleteObjectCommand({ Bucket, Key: 'b' }))
    expect(await keys(scene, Bucket)).toEqual(['a', 'c'])
  },
)

row(
  { status: 'documented', source: consistency, says: 'tells the ETag of the last write' },
  async (scene) => {
    const object = { Bucket: await bucket(scene), Key: 'report' }
    await write(scene, object, 'first')
    const etag = await write(scene, object, 'second')
    const { Contents } = await scene.place.s3.send(new ListObjectsV2Command({ Bucket: object.Bucket }))
    expect(Contents).toMatchObject([{ Key: 'report', ETag: etag, Size: 6 }])
  },
)

row(
  {
    status: 'documented',
    source: 'S3 API reference, ListObjectsV2',
    says: 'is in the order of the UTF-8 bytes of the keys, in pages of at most 1000',
  },
  async (scene) => {
    const Bucket = await bucket(scene)
    for (const Key of ['b', 'B', 'é', 'a/1', 'a-1']) await write(scene, { Bucket, Key }, Key)
    expect(await keys(scene, Bucket)).toEqual(['B', 'a-1', 'a/1', 'b', 'é'])
    const asked = new ListObjectsV2Command({ Bucket, MaxKeys: 5_000 })
    expect(await scene.place.s3.send(asked)).toMatchObject({
      KeyCount: 5,
      MaxKeys: 1_000,
      IsTruncated: false,
    })
  },
)
