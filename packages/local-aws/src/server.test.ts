import { GetObjectCommand, PutObjectCommand, CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Cloud } from './cloud.ts'
import { createCloud } from './create-cloud.ts'
import { noMachines } from './instances/none.ts'
import { seededRandom } from './seeded-random.ts'
import { type RunningServer, startServer } from './server.ts'
import { SimulatedClock } from './simulated-clock.ts'
import type { Intercept } from './wire/intercept.ts'

let cloud: Cloud
let server: RunningServer
let intercept: Intercept | null
let bugs: unknown[]

beforeEach(async () => {
  intercept = null
  bugs = []
  const clock = new SimulatedClock(Date.UTC(2020, 0, 1))
  cloud = createCloud({ clock, random: seededRandom(1), machines: () => noMachines })
  server = await startServer(cloud, {
    host: ['127.0.0.1', '127.0.0.2'],
    port: 0,
    onBug: (error) => bugs.push(error),
    intercept: (call, proceed, request) => (intercept ? intercept(call, proceed, request) : proceed()),
  })
})

afterEach(async () => {
  await server.close()
})

const settings = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'ops', secretAccessKey: 'secret' },
})

test('the SDK speaks to it on every address', async () => {
  expect(server.urls).toEqual([`http://127.0.0.1:${server.port}`, `http://127.0.0.2:${server.port}`])
  for (const url of server.urls) {
    const { Arn } = await new STSClient(settings(url)).send(new GetCallerIdentityCommand({}))
    expect(Arn).toBe('arn:aws:iam::123456789012:user/ops')
  }
})

test('S3 takes a stream and gives it back', async () => {
  const s3 = new S3Client(settings(server.url))
  await s3.send(new CreateBucketCommand({ Bucket: 'store' }))
  const Body = Readable.from([Buffer.alloc(100_000, 'a'), Buffer.alloc(50_000, 'b')])
  await s3.send(new PutObjectCommand({ Bucket: 'store', Key: 'p/k', Body, ContentLength: 150_000 }))
  const got = await s3.send(new GetObjectCommand({ Bucket: 'store', Key: 'p/k' }))
  expect(got.ContentLength).toBe(150_000)
  expect((await got.Body?.transformToString())?.slice(99_998, 100_002)).toBe('aabb')
})

test('the Date header is real though the cloud lives in another year', async () => {
  const answer = await fetch(server.url)
  expect(new Date(answer.headers.get('date') ?? 0).getUTCFullYear()).toBeGreaterThan(2024)
})

test('a client that waits for 100 Continue is let on', async () => {
  cloud.objects.createBucket('store')
  const socket = connect(server.port, '127.0.0.1')
  socket.setEncoding('utf8')
  const told = Promise.withResolvers<void>()
  let text = ''
  socket.on('data', (part: string) => {
    text += part
    if (text.includes('100 Continue')) told.resolve()
  })
  const credential =
    'Credential=A/20260101/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256, Signature=0'
  socket.write(
    `PUT /store/k HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: AWS4-HMAC-SHA256 ${credential}\r\n` +
      'X-Amz-Content-Sha256: UNSIGNED-PAYLOAD\r\n' +
      'Expect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n',
  )
  await told.promise
  socket.end('hello')
  await new Promise((resolve) => socket.on('close', resolve))
  expect(text).toContain('HTTP/1.1 200 OK')
  expect(Buffer.from(cloud.objects.get('store', 'k')?.body ?? []).toString()).toBe('hello')
})

test('an answer lost after the call took effect', async () => {
  cloud.objects.createBucket('store')
  const calls: string[] = []
  intercept = async (call, proceed) => {
    calls.push(`${call.service} ${call.operation}`)
    await proceed()
    return null
  }
  const s3 = new S3Client({ ...settings(server.url), maxAttempts: 1 })
  const sent = s3.send(new PutObjectCommand({ Bucket: 'store', Key: 'k', Body: 'x' }))
  await expect(sent).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(calls).toEqual(['s3 PutObject'])
  expect(cloud.objects.get('store', 'k')).not.toBeNull()
})

test('a bug is told and answered as InternalFailure', async () => {
  const broken = new Error('broken')
  cloud.objects.get = () => {
    throw broken
  }
  cloud.objects.createBucket('store')
  const s3 = new S3Client({ ...settings(server.url), maxAttempts: 1 })
  const sent = s3.send(new GetObjectCommand({ Bucket: 'store', Key: 'k' }))
  await expect(sent).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } })
  expect(bugs).toEqual([broken])
})

test('a port in use is an error', async () => {
  const again = startServer(cloud, { host: '127.0.0.1', port: server.port })
  await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
