import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { Readable } from 'node:stream'
import { beforeEach, describe, expect, test } from 'vitest'
import { createCloud } from '../create-cloud.ts'
import { handle, inProcessHandler } from '../in-process.ts'
import { noMachines } from '../instances/none.ts'
import { SimulatedClock } from '../simulated-clock.ts'

let cloud: ReturnType<typeof createCloud>
let s3: S3Client
const Bucket = 'store'

beforeEach(async () => {
  cloud = createCloud({ clock: new SimulatedClock(), random: () => 0.5, machines: () => noMachines })
  s3 = new S3Client({
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: inProcessHandler(cloud),
  })
  await s3.send(new CreateBucketCommand({ Bucket }))
})

async function put(Key: string, Body: string, conditions: { IfMatch?: string; IfNoneMatch?: string } = {}) {
  return (await s3.send(new PutObjectCommand({ Bucket, Key, Body, ...conditions }))).ETag ?? ''
}

async function read(Key: string): Promise<string | undefined> {
  return await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString()
}

function errorOf(status: number, name: string) {
  return expect.objectContaining({ name, $metadata: expect.objectContaining({ httpStatusCode: status }) })
}

describe('objects', () => {
  test('come back byte for byte, with type and metadata, under a quoted md5', async () => {
    const Body = Uint8Array.from({ length: 70_000 }, (_, index) => index % 251)
    const { ETag } = await s3.send(
      new PutObjectCommand({ Bucket, Key: 'a b/ü+?.bin', Body, ContentType: 'x/y', Metadata: { who: 'me' } }),
    )
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'a b/ü+?.bin' }))
    expect(await got.Body?.transformToByteArray()).toEqual(Body)
    expect(got).toMatchObject({ ETag, ContentType: 'x/y', Metadata: { who: 'me' } })
    expect(ETag).toMatch(/^"[0-9a-f]{32}"$/)
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'a b/ü+?.bin' }))
    expect(head.ContentLength).toBe(Body.length)
  })

  test('keep no more memory than their bytes', () => {
    const { body } = cloud.objects.put(Bucket, 'k', Buffer.from('small'))
    expect(body.buffer.byteLength).toBe(5)
  })

  test('a stream arrives whole, though sent in chunks with its checksum in the trailer', async () => {
    const parts = ['one,', 'two,', 'three']
    await s3.send(
      new PutObjectCommand({ Bucket, Key: 'stream', Body: Readable.from(parts), ContentLength: 13 }),
    )
    expect(await read('stream')).toBe('one,two,three')
  })

  test('a wrong checksum stores nothing', async () => {
    const sent = s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ChecksumSHA256: 'AAAA' }))
    await expect(sent).rejects.toEqual(errorOf(400, 'BadDigest'))
    await expect(read('k')).rejects.toEqual(errorOf(404, 'NoSuchKey'))
  })

  test('GET with the ETag it already has answers 304', async () => {
    const IfNoneMatch = await put('k', 'x')
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'k', IfNoneMatch }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    })
    await put('k', 'y')
    const changed = await s3.send(new GetObjectCommand({ Bucket, Key: 'k', IfNoneMatch }))
    expect(await changed.Body?.transformToString()).toBe('y')
  })

  test.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
  ])('range %s', async (Range, text, ContentRange) => {
    await put('digits', '0123456789')
    const part = await s3.send(new GetObjectCommand({ Bucket, Key: 'digits', Range }))
    expect(await part.Body?.transformToString()).toBe(text)
    expect(part.ContentRange).toBe(ContentRange)
    expect(part.$metadata.httpStatusCode).toBe(206)
  })

  test('a range past the end is refused', async () => {
    await put('digits', '0123456789')
    const sent = s3.send(new GetObjectCommand({ Bucket, Key: 'digits', Range: 'bytes=10-12' }))
    await expect(sent).rejects.toEqual(errorOf(416, 'InvalidRange'))
  })
})

describe('conditional writes', () => {
  test('If-None-Match * wins once', async () => {
    await put('lock', 'first', { IfNoneMatch: '*' })
    await expect(put('lock', 'second', { IfNoneMatch: '*' })).rejects.toEqual(
      errorOf(412, 'PreconditionFailed'),
    )
    expect(await read('lock')).toBe('first')
  })

  test('If-Match needs the ETag that stands', async () => {
    const first = await put('lock', 'first')
    const second = await put('lock', 'second', { IfMatch: first })
    await expect(put('lock', 'third', { IfMatch: first })).rejects.toEqual(errorOf(412, 'PreconditionFailed'))
    await put('lock', 'third', { IfMatch: second })
    expect(await read('lock')).toBe('third')
  })

  test('If-Match without an object is 404', async () => {
    await expect(put('none', 'x', { IfMatch: '"0"' })).rejects.toEqual(errorOf(404, 'NoSuchKey'))
  })

  test('of many at once exactly one wins', async () => {
    const tries = Array.from({ length: 20 }, (_, index) => put('race', String(index), { IfNoneMatch: '*' }))
    const ended = await Promise.allSettled(tries)
    expect(ended.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
  })

  test('DELETE with If-Match spares what another has written', async () => {
    const first = await put('lock', 'first')
    await put('lock', 'second')
    const sent = s3.send(new DeleteObjectCommand({ Bucket, Key: 'lock', IfMatch: first }))
    await expect(sent).rejects.toEqual(errorOf(412, 'PreconditionFailed'))
    expect(await read('lock')).toBe('second')
  })
})

describe('in several parts', () => {
  const Key = 'large'
  const five = Buffer.alloc(5 * 1024 ** 2, 'a')

  async function begin(): Promise<string> {
    const { UploadId = '' } = await s3.send(
      new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'x/y' }),
    )
    return UploadId
  }

  async function send(UploadId: string, parts: readonly Buffer[]) {
    const sent: CompletedPart[] = []
    for (const [index, Body] of parts.entries()) {
      const PartNumber = index + 1
      const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }))
      sent.push({ PartNumber, ETag: ETag ?? '' })
    }
    return sent
  }

  function complete(UploadId: string, Parts: CompletedPart[]) {
    return s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }))
  }

  test('an object is there when completed, whole, with an ETag that names its parts', async () => {
    const UploadId = await begin()
    const parts = await send(UploadId, [five, Buffer.from('b')])
    await expect(read(Key)).rejects.toEqual(errorOf(404, 'NoSuchKey'))
    const { ETag } = await complete(UploadId, parts)
    expect(ETag).toMatch(/^"[0-9a-f]{32}-2"$/)
    const got = await s3.send(new GetObjectCommand({ Bucket, Key }))
    expect(got).toMatchObject({ ETag, ContentType: 'x/y', ContentLength: five.length + 1 })
    await expect(complete(UploadId, parts)).rejects.toEqual(errorOf(404, 'NoSuchUpload'))
  })

  test('parts that are too small, out of order or not there are refused', async () => {
    const UploadId = await begin()
    const small = await send(UploadId, [Buffer.from('a'), Buffer.from('b')])
    await expect(complete(UploadId, small)).rejects.toEqual(errorOf(400, 'EntityTooSmall'))
    await expect(complete(UploadId, small.toReversed())).rejects.toEqual(errorOf(400, 'EntityTooSmall'))
    const large = await send(UploadId, [five, five])
    await expect(complete(UploadId, large.toReversed())).rejects.toEqual(errorOf(400, 'InvalidPartOrder'))
    const unknown = [{ PartNumber: 3, ETag: '"0"' }]
    await expect(complete(UploadId, unknown)).rejects.toEqual(errorOf(400, 'InvalidPart'))
  })

  test('an aborted upload is gone', async () => {
    const UploadId = await begin()
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))
    await expect(send(UploadId, [five])).rejects.toEqual(errorOf(404, 'NoSuchUpload'))
  })
})

describe('deleting', () => {
  test('what is not there is no error', async () => {
    const deleted = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'never' }))
    expect(deleted.$metadata.httpStatusCode).toBe(204)
  })

  test('many at once, with keys that need escaping', async () => {
    const keys = ['a&b', '<c>', 'plain', ' spaced ']
    for (const key of keys) await put(key, 'x')
    await put('stays', 'x')
    const Objects = keys.map((Key) => ({ Key }))
    const answer = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
    expect(answer.Deleted?.map((row) => row.Key)).toEqual(keys)
    const left = await s3.send(new ListObjectsV2Command({ Bucket }))
    expect(left.Contents?.map((row) => row.Key)).toEqual(['stays'])
  })
})

describe('listing', () => {
  test('pages through every key of a prefix in order, once', async () => {
    const keys = Array.from({ length: 25 }, (_, index) => `p/${String(index).padStart(2, '0')}`)
    for (const key of keys.toReversed()) await put(key, 'x')
    await put('q', 'x')
    const seen: string[] = []
    for await (const page of paginateListObjectsV2({ client: s3, pageSize: 10 }, { Bucket, Prefix: 'p/' })) {
      expect(page.KeyCount).toBeLessThanOrEqual(10)
      seen.push(...(page.Contents ?? []).map((row) => row.Key ?? ''))
    }
    expect(seen).toEqual(keys)
  })

  test('a delimiter folds, over the end of a page too', async () => {
    for (const key of ['a/1', 'a/2', 'b', 'c/1', 'c/2', 'd']) await put(key, 'x')
    const seen: string[] = []
    for await (const page of paginateListObjectsV2({ client: s3, pageSize: 1 }, { Bucket, Delimiter: '/' })) {
      seen.push(...(page.CommonPrefixes ?? []).map((row) => row.Prefix ?? ''))
      seen.push(...(page.Contents ?? []).map((row) => row.Key ?? ''))
    }
    expect(seen).toEqual(['a/', 'b', 'c/', 'd'])
  })

  test('keys with what XML escapes come back as they are', async () => {
    await put('a&<>"\'b', 'x')
    const page = await s3.send(new ListObjectsV2Command({ Bucket }))
    expect(page.Contents?.[0]).toMatchObject({ Key: 'a&<>"\'b', Size: 1 })
  })
})

describe('buckets', () => {
  test('are listed', async () => {
    const { Buckets } = await s3.send(new ListBucketsCommand({}))
    expect(Buckets?.map((one) => one.Name)).toEqual([Bucket])
  })

  test('one that is not there', async () => {
    await expect(s3.send(new HeadBucketCommand({ Bucket: 'nobody' }))).rejects.toEqual(
      errorOf(404, 'NotFound'),
    )
    const sent = s3.send(new PutObjectCommand({ Bucket: 'nobody', Key: 'k', Body: 'x' }))
    await expect(sent).rejects.toEqual(errorOf(404, 'NoSuchBucket'))
  })
})

describe('what is signed', () => {
  const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  const signing = 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, Signature=0'

  test.each([
    ['without the hash of the body', 'host;x-amz-date', {}, 400, 'InvalidRequest'],
    [
      'with a token that is not signed',
      'host;x-amz-content-sha256;x-amz-date',
      { 'x-amz-content-sha256': emptyHash, 'x-amz-security-token': 'token' },
      403,
      'AccessDenied',
    ],
    ['in full', 'host;x-amz-content-sha256;x-amz-date', { 'x-amz-content-sha256': emptyHash }, 200, ''],
  ])('a request signed %s', async (_, names, headers, status, code) => {
    const answer = await handle(cloud, {
      method: 'GET',
      path: `/${Bucket}`,
      query: 'list-type=2',
      headers: {
        host: 'localhost',
        'x-amz-date': '20260101T000000Z',
        authorization: `${signing}, SignedHeaders=${names}`,
        ...headers,
      },
      body: new Uint8Array(),
    })
    expect(answer.status).toBe(status)
    expect(Buffer.from(answer.body).toString()).toContain(code)
  })
})
