import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling'
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch'
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2'
import { DescribeRepositoriesCommand } from '@aws-sdk/client-ecr'
import { DescribeLoadBalancersCommand as DescribeClassic } from '@aws-sdk/client-elastic-load-balancing'
import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { afterEach, describe, expect, test, vi } from 'vitest'
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

/** One call a client: the compiler asks for a line wherever a client is added. */
const calls: { [C in keyof AwsClients]: (clients: AwsClients) => Promise<unknown> } = {
  autoScaling: ({ autoScaling }) => autoScaling.send(new DescribeAutoScalingGroupsCommand({})),
  elb: ({ elb }) => elb.send(new DescribeLoadBalancersCommand({})),
  classicElb: ({ classicElb }) => classicElb.send(new DescribeClassic({})),
  cloudWatch: ({ cloudWatch }) => cloudWatch.send(new DescribeAlarmsCommand({})),
  ec2: ({ ec2 }) => ec2.send(new DescribeInstancesCommand({})),
  s3: list,
  ecr: ({ ecr }) => ecr.send(new DescribeRepositoriesCommand({})),
}

test.each(Object.entries(calls))('every request of %s names the tool and its version', async (_, call) => {
  const { headers } = await requestOf(call)
  expect(headers['user-agent']).toMatch(/ switchover\/\d+\.\d+\.\d+/)
})

async function retryModeOf(settings: { profile?: string } = {}): Promise<string> {
  const { retryMode } = createClients({ region: 'eu-west-1', ...settings }).ec2.config
  return typeof retryMode === 'string' ? retryMode : await retryMode()
}

describe('retries', () => {
  test('adapt to throttling where nobody chose otherwise', async () => {
    vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent')
    expect(await retryModeOf()).toBe('adaptive')
  })

  test('are as the environment says', async () => {
    vi.stubEnv('AWS_RETRY_MODE', 'standard')
    expect(await retryModeOf()).toBe('standard')
  })

  test('are as the shared config of the profile says', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'switchover-config-'))
    try {
      await writeFile(join(directory, 'config'), '[profile ops]\nretry_mode = standard\n')
      vi.stubEnv('AWS_CONFIG_FILE', join(directory, 'config'))
      expect(await retryModeOf({ profile: 'ops' })).toBe('standard')
    } finally {
      await rm(directory, { recursive: true })
    }
  })
})
