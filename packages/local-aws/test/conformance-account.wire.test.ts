import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCloud } from '../src/create-cloud.ts'
import { noMachines } from '../src/instances/none.ts'
import { RealClock } from '../src/real-clock.ts'
import { seededRandom } from '../src/seeded-random.ts'
import { type RunningServer, startServer } from '../src/server.ts'

const program = fileURLToPath(new URL('conformance/run.ts', import.meta.url))

let cloud: ReturnType<typeof createCloud>
let server: RunningServer

beforeAll(async () => {
  cloud = createCloud({
    clock: new RealClock(),
    random: seededRandom(1),
    machines: () => noMachines,
    region: 'eu-central-1',
  })
  server = await startServer(cloud, { host: '127.0.0.1', port: 0 })
})

afterAll(() => server.close())

function conformance(accountId: string, ...services: string[]) {
  return execa(process.execPath, [program, ...services], {
    reject: false,
    all: true,
    env: {
      AWS_ENDPOINT_URL: server.url,
      AWS_ACCESS_KEY_ID: 'ops',
      AWS_SECRET_ACCESS_KEY: 'secret',
      CONFORMANCE: 'account',
      CONFORMANCE_REGION: 'eu-central-1',
      CONFORMANCE_ACCOUNT_ID: accountId,
      CONFORMANCE_PREFIX: 'conf',
      CONFORMANCE_VPC: 'vpc-1',
      CONFORMANCE_SUBNETS: 'subnet-a,subnet-b',
      VITEST: '',
    },
  })
}

test('rows are asked of an account over HTTP, and take away what they made', async () => {
  const { all, exitCode } = await conformance('123456789012', 's3', 'sts')
  expect(exitCode, all).toBe(0)
  expect(all).toMatch(/^S3 +PutObject( +\d+)+$/m)
  expect(cloud.objects.buckets()).toEqual([])
  expect([...cloud.loadBalancing.loadBalancers.keys()]).toEqual([])
})

test('nothing is made in an account that was not named', async () => {
  const { all, exitCode } = await conformance('999999999999', 's3')
  expect(exitCode).toBe(2)
  expect(all).toContain('not of 999999999999')
})
