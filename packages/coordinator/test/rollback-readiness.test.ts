import { SuspendProcessesCommand } from '@aws-sdk/client-auto-scaling'
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import { CreateRepositoryCommand } from '@aws-sdk/client-ecr'
import { beforeEach, expect, test, vi } from 'vitest'
import { deploy } from '../src/commands/deploy.ts'
import { finish } from '../src/commands/finish.ts'
import { uploadBundle } from '../src/publish/bundle.ts'
import { canonicalTar, revisionOf } from '../src/publish/canonical-tar.ts'
import type { ServiceStatus } from '../src/status/model.ts'
import { bucket, portsOf } from './support/account.ts'
import { commandLine } from './support/command-line.ts'
import { createService, type Service } from './support/fleet.ts'
import { common, v2 } from './support/options.ts'
import { composeText, pushImage, tag } from './support/web-service.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let service: Service
beforeEach(async () => {
  service = await createService()
  await service.clients.ecr.send(new CreateRepositoryCommand({ repositoryName: 'web' }))
  await pushImage(service, 'v1', ['amd64'])
  await service.run(deploy(portsOf(service, 'a'), v2))
  // Agents of this fleet use no bundle: it is there for whoever looks for the image.
  await tag(service, 'web-blue', { 'switchover:bundle': await publish() })
})

async function publish(): Promise<string> {
  const tar = await canonicalTar([
    { kind: 'file', path: 'compose.yaml', content: Buffer.from(composeText), executable: false },
  ])
  const bundle = { ...revisionOf(tar), tar, lock: { schema: 1 as const, images: {} } }
  await uploadBundle(service.clients.s3, { bucket, prefix: 'p' }, 'web', bundle)
  return bundle.revision
}

const say = async (...argv: string[]) =>
  commandLine(['status', 'web', ...argv], { directory: '/', clients: service.clients, clock: service.clock })

async function rollback(): Promise<ServiceStatus['rollback']> {
  const { stdout } = await say('--json')
  return (JSON.parse(stdout) as { details: ServiceStatus }).details.rollback
}

async function parkedIds(): Promise<string[]> {
  const { Instances = [] } = await service.group('web-blue')
  return Instances.flatMap(({ InstanceId }) => InstanceId ?? [])
}

test('READY once the drain is over, with the time of one health check', async () => {
  expect(await rollback()).toEqual({ ready: true, reasons: [], notes: [], estimateMs: 33_000 })
  const { stdout } = await say()
  expect(stdout).toContain('\nrollback: READY, about 33s until all new traffic is back\n')
  expect(stdout).toMatch(/^ {4}\S+ {2}Successful {2}Moving EC2 instance to Standby: i-/m)
})

test('NOT READY when the agents fall silent', async () => {
  await service.time.advance(240_000)
  const ids = await parkedIds()
  expect((await rollback())?.reasons).toEqual([
    `No word from their agents within three minutes: ${ids.join(', ')}.`,
  ])
})

test('NOT READY when a parked machine has died: its group calls it Healthy', async () => {
  const [first = ''] = await parkedIds()
  await service.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [first] }))
  await service.time.advance(60_000)
  const found = await rollback()
  expect(found).toMatchObject({ ready: false, estimateMs: null })
  expect(found?.reasons).toEqual([
    `Not running, says EC2: ${first} (terminated).`,
    '2 instances needed, 1 can come back: rollback has to launch 1.',
  ])
})

test('NOT READY when somebody suspends Launch', async () => {
  await service.clients.autoScaling.send(
    new SuspendProcessesCommand({ AutoScalingGroupName: 'web-blue', ScalingProcesses: ['Launch'] }),
  )
  expect((await rollback())?.reasons).toEqual([
    'Launch suspended on web-blue: no instance could come back into service.',
  ])
})

test('NOT READY when the old digest is gone from the registry', async () => {
  await tag(service, 'web-blue', { 'switchover:digest': `sha256:${'d'.repeat(64)}` })
  expect((await rollback())?.reasons).toEqual([
    expect.stringMatching(/^The image .*web@sha256:d+ is not in its registry\.$/),
  ])
})

test('a registry out of reach is no failure, and not known', async () => {
  service.intercept = async (call, proceed) => (call.service === 'ecr' ? null : proceed())
  expect(await rollback()).toMatchObject({
    ready: true,
    notes: [expect.stringMatching(/^Not known whether the image is still there: AWS gave no usable answer/)],
  })
})

test('told only while a fleet is parked', async () => {
  await service.run(finish(portsOf(service, 'a'), common))
  expect(await rollback()).toBeNull()
  expect((await say()).stdout).not.toContain('rollback:')
})
