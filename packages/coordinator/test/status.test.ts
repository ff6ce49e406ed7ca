import { EnterStandbyCommand, UpdateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { beforeEach, expect, test } from 'vitest'
import type { AwsClients } from '../src/aws/clients.ts'
import { Interrupt } from '../src/cli/interrupt.ts'
import { findPair } from '../src/aws/groups.ts'
import type { ServiceStatus } from '../src/status/model.ts'
import { commandLine } from './support/command-line.ts'
import { createWebService, groupNames, size, store, tag } from './support/web-service.ts'
import type { WebService } from './support/web-service.ts'

let web: WebService
beforeEach(async () => {
  web = await createWebService()
})

const say = async (...argv: string[]) =>
  commandLine(argv, { directory: '/', clients: web.account.clients, clock: web.account.clock })

async function details(): Promise<ServiceStatus> {
  const { stdout } = await say('status', 'web', '--json')
  return (JSON.parse(stdout) as { details: ServiceStatus }).details
}

async function liveInstances(): Promise<string[]> {
  const { groups } = await findPair(web.account.clients, 'web')
  return groups[0].group.instances.map(({ id }) => id)
}

test('live, idle, load balancer and reports, on stdout', async () => {
  const [first = '', second = ''] = await liveInstances()
  await web.account.clients.s3.send(
    new PutObjectCommand({
      Bucket: store.bucket,
      Key: `${store.prefix}/web/reports/AROAEXAMPLE:${first}.json`,
      Body: JSON.stringify({
        instanceId: first,
        group: 'web-blue',
        service: 'web',
        deployment: null,
        phase: 'ready',
        since: '2026-01-01T00:01:00.000Z',
        writtenAt: '2026-01-01T00:01:00.000Z',
        version: 'v1',
        bundle: null,
        images: [],
        reason: null,
        logs: [],
        timings: {},
        agent: '0.1.0',
      }),
    }),
  )
  const { exitCode, stdout, stderr } = await say('status', 'web')
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).toContain('web-blue  live  v1  min 2, max 4, desired 2  2 InService\n')
  expect(stdout).toContain(`${first}  InService  healthy  ready since 2026-01-01T00:01:00Z\n`)
  expect(stdout).toContain(`${second}  InService  healthy  no report\n`)
  expect(stdout).toContain('web-green  idle  no version  min 0, max 4, desired 0  no instances\n')
  expect(stdout).toContain('no open deployment\nnobody holds the lease\n')
})

test('parked instances are judged by EC2 too', async () => {
  const ids = await liveInstances()
  await size(web.account, 'web-green', 1)
  const group = { AutoScalingGroupName: 'web-blue' }
  await web.account.clients.autoScaling.send(new UpdateAutoScalingGroupCommand({ ...group, MinSize: 0 }))
  await web.account.clients.autoScaling.send(
    new EnterStandbyCommand({ ...group, InstanceIds: ids, ShouldDecrementDesiredCapacity: true }),
  )
  const { groups } = await details()
  expect(groups.map(({ name, role }) => [name, role])).toEqual([
    ['web-blue', 'parked'],
    ['web-green', 'live'],
  ])
  expect(groups[0]?.instances.map(({ machine }) => machine)).toEqual(['running', 'running'])
})

test('two groups in service without a deployment are both called so', async () => {
  await size(web.account, 'web-green', 1)
  expect((await details()).groups.map(({ role }) => role)).toEqual(['serving too', 'serving too'])
})

test('an unknown service is exit 2', async () => {
  const { exitCode, stdout, stderr } = await say('status', 'nobody')
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toMatch(/^No Auto Scaling group in this account and region/)
})

test('a store that is not there is exit 2', async () => {
  for (const name of groupNames) await tag(web.account, name, { 'switchover:store': 's3://gone/x' })
  const { exitCode, stderr } = await say('status', 'web')
  expect({ exitCode, lines: stderr.trim().split('\n').length }).toEqual({ exitCode: 2, lines: 1 })
  expect(stderr).toContain('gone')
})

test('AWS out of reach is exit 1, in one sentence', async () => {
  web.account.intercept = () => Promise.resolve(null)
  const { exitCode, stderr } = await say('status', 'web')
  expect({ exitCode, lines: stderr.trim().split('\n').length }).toEqual({ exitCode: 1, lines: 1 })
  expect(stderr).toContain('reading the status of web')
})

test('what nobody foresaw is a bug, with its stack', async () => {
  const clients = {} as AwsClients
  const { exitCode, stderr } = await commandLine(['status', 'web'], { directory: '/', clients })
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^.*\. This is a bug in Switchover\.\nError: .*\n {4}at /)
})

test('Ctrl-C ends a command that only reads', async () => {
  web.account.intercept = () => new Promise(() => undefined)
  const interrupt = new Interrupt()
  interrupt.stop()
  const { exitCode, stderr } = await commandLine(['status', 'web'], {
    directory: '/',
    clients: web.account.clients,
    interrupt,
  })
  expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: 'Interrupted.\n' })
})

/** Watches until the group has grown and that was seen. */
async function watched(...flags: string[]) {
  const { account } = web
  const interrupt = new Interrupt()
  const begun = Promise.withResolvers<void>()
  let looks = 0
  account.intercept = async (call, proceed) => {
    begun.resolve()
    if (call.operation === 'DescribeTargetHealth') looks += 1
    return proceed()
  }
  const work = commandLine(['status', 'web', '--watch', ...flags], {
    directory: '/',
    clients: account.clients,
    clock: account.clock,
    interrupt,
  })
  // Until then it waits for the disk, and simulated time would run away.
  await begun.promise
  await account.time.runUntil(() => looks >= 3, 600_000)
  await size(account, 'web-blue', 3)
  await account.time.runUntil(() => looks >= 6, 600_000)
  interrupt.stop()
  return account.run(work)
}

test('--watch shows it again when it has changed, until Ctrl-C', async () => {
  const { exitCode, stdout } = await watched()
  expect(exitCode).toBe(0)
  expect(stdout.match(/^web-blue .* desired 2 /gm)).toHaveLength(1)
  expect(stdout).toContain('desired 3')
})

test('--watch --json tells each change, and ends with the one result', async () => {
  const { stdout } = await watched('--json')
  const kinds = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { event: string }).event)
  expect(kinds.indexOf('result')).toBe(kinds.length - 1)
  expect(kinds.filter((kind) => kind === 'progress').length).toBeGreaterThan(1)
})
