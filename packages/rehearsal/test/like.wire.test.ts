import { execa } from 'execa'
import { fileURLToPath } from 'node:url'
import { PutScheduledUpdateGroupActionCommand } from '@aws-sdk/client-auto-scaling'
import { CleanUp } from '@switchover/local-aws/clean-up'
import { closeCloud, createCloud } from '@switchover/local-aws/create-cloud'
import { virtualMachines } from '@switchover/local-aws/instances/virtual'
import { RealClock } from '@switchover/local-aws/real-clock'
import { startServer } from '@switchover/local-aws/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as account from '../src/account.ts'

const cli = fileURLToPath(new URL('../../coordinator/src/main.ts', import.meta.url))
const closing = new CleanUp()
/** Operations that the account was asked for. */
const asked = new Set<string>()
let env: Record<string, string>

beforeAll(async () => {
  const cloud = createCloud({
    clock: new RealClock(),
    random: Math.random,
    machines: (machines) => virtualMachines(machines, {}),
  })
  closing.add(() => closeCloud(cloud))
  const server = await startServer(cloud, {
    host: '127.0.0.1',
    port: 0,
    intercept: (call, proceed) => {
      asked.add(call.operation)
      return proceed()
    },
  })
  closing.add(() => server.close())
  const clients = account.createClients(server.url, cloud.region)
  const [blue] = account.groupNames
  await account.createService(clients, {
    userData: '',
    listenerPort: 80,
    appPort: 80,
    agentPort: 8_090,
    healthIntervalS: 7,
    deregistrationDelayS: 3,
    maxSize: 5,
  })
  await clients.autoScaling.send(
    new PutScheduledUpdateGroupActionCommand({
      AutoScalingGroupName: blue,
      ScheduledActionName: 'night',
      Recurrence: '0 22 * * *',
      MinSize: 1,
    }),
  )
  await account.bringUp(clients, blue, {}, 1)
  env = account.accountEnv(server.url, cloud.region)
  asked.clear()
})
afterAll(() => closing.run())

const rehearse = (...args: string[]) =>
  execa(process.execPath, [cli, 'rehearse', '--virtual', ...args], { env, reject: false, stdin: 'ignore' })

test('a rehearsal like a service takes its settings over, and only reads', async () => {
  const { exitCode, stdout, stderr } = await rehearse('--like', 'web', '--scenario', 'launch-fails')
  expect(exitCode, `${stderr}\n${stdout}`).toBe(0)
  expect(stderr).toContain(
    'like web: 1 instance (min 1, max 5), a health check every 7s, drain 3s, 1 hook, no policies, 1 scheduled action.',
  )
  expect([...asked].filter((operation) => !operation.startsWith('Describe'))).toEqual([])
  expect(asked.size).toBeGreaterThan(4)
})

test('a service that is not there is exit 2 in one sentence', async () => {
  const { exitCode, stderr } = await rehearse('--like', 'wob')
  expect(stderr).toBe('No Auto Scaling group in this account and region has the tag switchover:service=wob.')
  expect(exitCode).toBe(2)
})

test('an account that cannot be reached is exit 2 in one sentence', async () => {
  const away = { ...env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_MAX_ATTEMPTS: '1' }
  const { exitCode, stderr } = await execa(
    process.execPath,
    [cli, 'rehearse', '--virtual', '--like', 'web'],
    {
      env: away,
      reject: false,
      stdin: 'ignore',
    },
  )
  expect(stderr).toMatch(/^web cannot be read: .+\.$/)
  expect(exitCode).toBe(2)
})
