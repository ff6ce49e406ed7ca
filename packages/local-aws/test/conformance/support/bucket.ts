import { randomBytes } from 'node:crypto'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  type PutObjectCommandInput,
  type BucketLocationConstraint,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { Scene } from './scene.ts'

/** A bucket of the scene's own, under a name nobody else in the world has. */
export async function bucket(scene: Scene): Promise<string> {
  const { s3 } = scene.place
  const Bucket = `${scene.name()}-${randomBytes(8).toString('hex')}`
  const region = await s3.config.region()
  const where = { LocationConstraint: region as BucketLocationConstraint }
  await s3.send(
    new CreateBucketCommand({
      Bucket,
      ...(region === 'us-east-1' ? {} : { CreateBucketConfiguration: where }),
    }),
  )
  scene.cleanUp.add(`bucket ${Bucket}`, () => deleteBucket(s3, Bucket))
  return Bucket
}

/** With all that is in it. */
export async function deleteBucket(client: S3Client, Bucket: string): Promise<void> {
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket })) {
    const Objects = Contents.map(({ Key }) => ({ Key }))
    if (Objects.length > 0) await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  }
  await client.send(new DeleteBucketCommand({ Bucket }))
}

type Conditions = Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'>

/** Writes an object. Returns its ETag. */
export async function write(
  { place }: Scene,
  object: { Bucket: string; Key: string },
  Body: string,
  conditions: Conditions = {},
): Promise<string> {
  const { ETag } = await place.s3.send(new PutObjectCommand({ ...object, Body, ...conditions }))
  return ETag ?? ''
}

export async function read(
  { place }: Scene,
  object: { Bucket: string; Key: string },
): Promise<string | undefined> {
  const { Body } = await place.s3.send(new GetObjectCommand(object))
  return await Body?.transformToString()
}
