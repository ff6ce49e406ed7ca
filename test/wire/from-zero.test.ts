import { ECRClient } from '@aws-sdk/client-ecr'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { canonicalTar } from '@switchover/coordinator/publish/canonical-tar'
import { CleanUp } from '@switchover/local-aws/clean-up'
import { closeCloud, createCloud } from '@switchover/local-aws/create-cloud'
import { virtualMachines } from '@switchover/local-aws/instances/virtual'
import { RealClock } from '@switchover/local-aws/real-clock'
import { startServer } from '@switchover/local-aws/server'
import * as account from '@switchover/rehearsal/account'
import { pushVirtualImage } from '@switchover/rehearsal/virtual-image'
import { evaluate, readTemplate } from '../support/cloudformation.ts'
import { bundleCoordinator, type Ended, run } from '../support/coordinator.ts'
import { machines, timing } from '../support/live-service.ts'
import { createStack } from '../support/stack.ts'

/** docs/from-zero.md, followed to the letter: its stack's parameters, then its commands, by real processes over the wire. */

const text = readFileSync(new URL('../../docs/from-zero.md', import.meta.url), 'utf8')
const [blue, green] = account.groupNames
const arm = process.arch === 'arm64'

let closing: CleanUp
let clients: account.Clients
let env: Record<string, string>
let tarball: string
const ended = new Map<string, Ended>()

beforeAll(async () => {
  closing = new CleanUp()
  const directory = await mkdtemp(join(tmpdir(), 'from-zero-'))
  closing.add(() => rm(directory, { recursive: true }))
  tarball = join(directory, 'switchover-agent-linux-x64.tar.gz')
  const content = Buffer.from('0.1.0\n')
  await writeFile(
    tarball,
    gzipSync(await canonicalTar([{ kind: 'file', path: 'VERSION', content, executable: false }])),
  )
  const cloud = createCloud({
    clock: new RealClock(),
    random: Math.random,
    machines: (cloud) => virtualMachines(cloud, machines),
    timing,
  })
  closing.add(() => closeCloud(cloud))
  const server = await startServer(cloud, { host: '127.0.0.1', port: 0 })
  closing.add(() => server.close())
  clients = account.createClients(server.url, cloud.region)
  env = { ...account.accountEnv(server.url, cloud.region), SWITCHOVER_POLL_MS: '100' }
  const ecr = new ECRClient({ endpoint: server.url, region: cloud.region, credentials: account.keys })
  for (const version of ['v1', 'v2']) await pushVirtualImage(ecr, 'web', version)
  await bundleCoordinator()
})

afterAll(() => closing.run())

/** The `NAME=value` words that the text gives to `aws cloudformation deploy`. */
function parameters(): Record<string, string> {
  const [, words = ''] = /--parameter-overrides ([^`]*?[^\\])\n(?!\s)/.exec(text) ?? []
  const pairs = [...words.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value])
  return Object.fromEntries(pairs) as Record<string, string>
}

/** The text's `npx switchover` lines, in order, as arguments. */
const commands = [...text.matchAll(/^npx switchover (.+)$/gm)].map(([, line = '']) => line.split(' '))

test('the text gives the stack every parameter it must have, and none it does not know', async () => {
  const template = readTemplate()
  const given = parameters()
  const needed = Object.entries(template.Parameters).filter(([, { Default }]) => Default === undefined)
  expect(Object.keys(given)).toEqual(expect.arrayContaining(needed.map(([name]) => name)))
  const images = await account.machineImage(clients.ec2)
  const resources = evaluate(template, {
    ...given,
    ImageId: images,
    AgentSha256X64: '0'.repeat(64),
    // Of the machine this runs on, whose images have no other architecture.
    InstanceType: arm ? 't4g.small' : (given['InstanceType'] ?? ''),
    // The text's service drains for as long as it should; nobody waits for a request here.
    DeregistrationDelay: '1',
  })
  await createStack(clients, resources)
  for (const name of [blue, green])
    expect(await account.groupState(clients, name)).toMatchObject({ min: 0, desired: 0, instances: {} })
})

test('every command of the text ends well', async () => {
  const names = commands.map(([name, ...rest]) => (rest.includes('--plan') ? 'plan' : name))
  expect(names.join(' ')).toBe('publish publish deploy plan deploy status rollback deploy finish doctor')
  for (const words of commands) {
    const args = words.map((word) => (word.endsWith('.tar.gz') ? tarball : word))
    const asks = ['deploy', 'rollback', 'finish'].includes(args[0] ?? '') && !args.includes('--plan')
    const result = await run([...args, ...(asks ? ['--yes'] : [])], env)
    ended.set(words.join(' '), result)
    expect(result, `switchover ${words.join(' ')}`).toMatchObject({ code: 0 })
  }
  expect(await account.groupState(clients, blue)).toMatchObject({ desired: 0, instances: {} })
  expect(Object.values((await account.groupState(clients, green)).instances)).toEqual([
    'InService',
    'InService',
  ])
})

test('a deployment has nothing to warn of in what the template makes', () => {
  const plan = ended.get('deploy web v2 --plan')
  expect(plan?.events.length).toBeGreaterThan(5)
  expect(plan?.events.filter(({ event }) => event === 'warning')).toEqual([])
})
