import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { afterEach, expect, test, vi } from 'vitest'
import { createClients, type AwsClients } from './clients.ts'

type Seen = { hostname: string; path: string; headers: Record<string, string> }

/** The request a client would send, seen where it would leave. */
async function requestOf(call: (clients: AwsClients) => Promise<unknown>): Promise<Seen> {
  let seen: Seen | undefined
  const requestHandler = {
    handle(request: Seen): Promise<never> {
      seen = request
      return Promise.reject(new Error('seen'))
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  }
  const transport = { requestHandler, credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' } }
  await call(createClients({ region: 'eu-west-1', transport })).catch(() => undefined)
  if (!seen) throw new Error('Nothing was sent.')
  return seen
}

const list = (clients: AwsClients) => clients.s3.send(new ListObjectsV2Command({ Bucket: 'store' }))

afterEach(() => vi.unstubAllEnvs())

test('on AWS the bucket is in the host name', async () => {
  expect(await requestOf(list)).toMatchObject({ hostname: 'store.s3.eu-west-1.amazonaws.com', path: '/' })
})

test.each(['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3'])(
  'at an endpoint of %s it is in the path',
  async (name) => {
    vi.stubEnv(name, 'http://localhost:4566')
    expect(await requestOf(list)).toMatchObject({ hostname: 'localhost', path: '/store/' })
  },
)

test('every request names the tool and its version', async () => {
  const { headers } = await requestOf(list)
  expect(headers['user-agent']).toMatch(/ switchover\/\d+\.\d+\.\d+/)
})
