import { ECRClient } from '@aws-sdk/client-ecr'
import { execa } from 'execa'
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CleanUp } from '@switchover/local-aws/clean-up'
import { closeCloud, createCloud } from '@switchover/local-aws/create-cloud'
import { readPolicy } from '@switchover/local-aws/iam/policy'
import { virtualMachines } from '@switchover/local-aws/instances/virtual'
import { RealClock } from '@switchover/local-aws/real-clock'
import { startServer } from '@switchover/local-aws/server'
import * as account from '@switchover/rehearsal/account'
import { pushVirtualImage } from '@switchover/rehearsal/virtual-image'
import { writeAgentTarball } from '../support/agent-tarball.ts'
import { evaluate, readTemplate } from '../support/cloudformation.ts'
import { bundleCoordinator, coordinatorCli, type Ended, run } from '../support/coordinator.ts'
import { machines, timing } from '../support/live-service.ts'
import { createStack } from '../support/stack.ts'

/**
 * docs/from-zero.md, followed to the letter: its stack's parameters, then its commands, by real processes over the wire,
 * with the rights that the stack's roles have.
 */

const text = readFileSync(new URL('../../docs/from-zero.md', import.meta.url), 'utf8')
const night = readFileSync(new URL('../../docs/rollback.md', import.meta.url), 'utf8')
const inCi = readFileSync(new URL('../../docs/ci.md', import.meta.url), 'utf8')
const stories = readFileSync(new URL('../../docs/report.md', import.meta.url), 'utf8')
const [blue, green] = account.groupNames
const hasCli = (await execa('aws', ['--version'], { reject: false })).exitCode === 0
if (!hasCli)
  console.warn(
    'Left out: the AWS CLI is not on the PATH; the lines of docs/from-zero.md that use it are not run.',
  )

/** The `NAME=value` words that the text gives to `aws cloudformation deploy`. */
function parameters(): Record<string, string> {
  const [, words = ''] = /--parameter-overrides ([^`]*?[^\\])\n(?!\s)/.exec(text) ?? []
  const pairs = [...words.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value])
  return Object.fromEntries(pairs) as Record<string, string>
}

/** The text's commands on a set-up that is there, in order. */
const commands = [...text.matchAll(/^(?:npx switchover|aws autoscaling) (?:.*\\\n)*.*$/gm)].map(
  ([line]) => line,
)
const template = readTemplate()
const given = {
  ...parameters(),
  AgentSha256X64: '0'.repeat(64),
  // The text's service drains for as long as it should; nobody waits for a request here.
  DeregistrationDelay: '1',
  // Of the machine this runs on, whose images have no other architecture.
  ...(process.arch === 'arm64' ? { InstanceType: 't4g.small' } : {}),
}

let closing: CleanUp
let clients: account.Clients
/** Of a session of the coordinator's role. */
let env: Record<string, string>
let directory: string
let tarball: string
const ended = new Map<string, Ended>()

beforeAll(async () => {
  closing = new CleanUp()
  directory = await mkdtemp(join(tmpdir(), 'from-zero-'))
  closing.add(() => rm(directory, { recursive: true }))
  tarball = join(directory, 'switchover-agent-linux-x64.tar.gz')
  await writeAgentTarball(tarball)
  const cloud = createCloud({
    clock: new RealClock(),
    random: Math.random,
    machines: (cloud) => virtualMachines(cloud, machines),
    timing,
    policies: { instance: policyOf('InstanceRole'), coordinator: policyOf('CoordinatorRole') },
  })
  closing.add(() => closeCloud(cloud))
  const server = await startServer(cloud, { host: '127.0.0.1', port: 0 })
  closing.add(() => server.close())
  clients = account.createClients(server.url, cloud.region)
  const session = cloud.identities.assume('coordinator', 'ops', 3_600_000)
  env = {
    ...account.accountEnv(server.url, cloud.region),
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    AWS_SESSION_TOKEN: session.token,
    SWITCHOVER_POLL_MS: '100',
  }
  const ecr = new ECRClient({ endpoint: server.url, region: cloud.region, credentials: account.keys })
  for (const version of ['v1', 'v2', 'v43']) await pushVirtualImage(ecr, 'web', version)
  await bundleCoordinator()
})

afterAll(() => closing.run())

/** What the stack gives a role. */
function policyOf(role: string) {
  const policies = evaluate(template, given)[role]?.Properties['Policies'] as { PolicyDocument: unknown }[]
  return policies.map(({ PolicyDocument }) => readPolicy(PolicyDocument, role))
}

test('the text gives the stack every parameter it must have, and none it does not know', async () => {
  const needed = Object.entries(template.Parameters).filter(([, { Default }]) => Default === undefined)
  expect(Object.keys(parameters())).toEqual(expect.arrayContaining(needed.map(([name]) => name)))
  const ImageId = await account.machineImage(clients.ec2)
  await createStack(clients, evaluate(template, { ...given, ImageId }), { instanceProfile: 'instance' })
  for (const name of [blue, green])
    expect(await account.groupState(clients, name)).toMatchObject({ min: 0, desired: 0, instances: {} })
})

test("every command of the text ends well, with the rights of the stack's roles", async () => {
  const names = commands.map((line) => /--plan|(?<=^npx switchover |^aws autoscaling )\S+/.exec(line)?.[0])
  expect(names.join(' ')).toBe(
    'publish publish deploy update-auto-scaling-group put-scaling-policy deploy deploy status rollback deploy finish doctor',
  )
  for (const line of commands) {
    if (line.startsWith('aws ')) {
      const around = {
        PATH: process.env['PATH'],
        HOME: '/nonexistent',
        AWS_DEFAULT_REGION: env['AWS_REGION'],
      }
      if (hasCli) await execa(line, { shell: true, extendEnv: false, env: { ...env, ...around } })
      continue
    }
    const args = line
      .split(' ')
      .slice(2)
      .map((word) => (word.endsWith('.tar.gz') ? tarball : word))
    const asks = ['deploy', 'rollback', 'finish'].includes(args[0] ?? '') && !args.includes('--plan')
    const result = await run([...args, ...(asks ? ['--yes'] : [])], env)
    ended.set(line, result)
    expect(result.code, `${line}\n${result.events.at(-1)?.text}`).toBe(0)
  }
  expect(await account.groupState(clients, blue)).toMatchObject({ min: 0, desired: 0, instances: {} })
  const { min, instances } = await account.groupState(clients, green)
  expect(Object.values(instances)).toEqual(['InService', 'InService'])
  expect(min).toBe(hasCli ? 2 : 0)
})

test('a deployment has nothing to warn of in what the template makes', () => {
  const plan = ended.get('npx switchover deploy web v2 --plan')
  expect(plan?.events.length).toBeGreaterThan(5)
  expect(plan?.events.filter(({ event }) => event === 'warning')).toEqual([])
})

test("the night's commands of docs/rollback.md end well, and v2 serves again", async () => {
  const page = join(directory, 'rollback.html')
  const give = async (line: string) => {
    expect(night).toContain(line)
    const args = line.split(' ').slice(1)
    return run(
      args.map((word) => (word === 'rollback.html' ? page : word)),
      env,
    )
  }
  const codeOf = async (line: string) => (await give(line)).code
  const deploy = async () => expect(await codeOf('switchover deploy web v1 --yes')).toBe(0)
  await deploy()
  const status = await give('switchover status web')
  expect(status.events.at(-1)).toMatchObject({ details: { rollback: { ready: true } } })
  expect(await codeOf('switchover rollback web --yes')).toBe(0)
  expect(await codeOf('switchover report web --html rollback.html')).toBe(0)
  expect(readFileSync(page, 'utf8')).toContain('rolled back')
  expect(await codeOf('switchover doctor web')).toBe(0)
  await deploy()
  expect(await codeOf('switchover rollback web --keep 1 --yes')).toBe(0)
  expect(Object.values((await account.groupState(clients, blue)).instances)).toEqual(['Standby'])
  expect(await codeOf('switchover resume web --yes')).toBe(0)
  expect(await codeOf('switchover finish web --yes')).toBe(0)
  expect((await account.groupState(clients, blue)).instances).toEqual({})
  const { instances } = await account.groupState(clients, green)
  expect(Object.values(instances)).toEqual(['InService', 'InService'])
})

/** What stands in blocks of a document that are for a shell. */
function shellBlocks(document: string): string[] {
  const blocks = [...document.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
  return blocks.flatMap(([, language = '', text = '']) => (['', 'bash'].includes(language) ? [text] : []))
}

const hasJq = (await execa('jq', ['--version'], { reject: false })).exitCode === 0
if (!hasJq)
  console.warn('Left out: jq is not on the PATH; the scripts of docs/ci.md and docs/report.md are not run.')

test.skipIf(!hasJq)('the scripts of docs/ci.md and docs/report.md run as they stand', async () => {
  const shims = await shimsIn(directory)
  const shell = (script: string, ...args: string[]) =>
    execa('bash', ['-c', script, 'bash', ...args], {
      cwd: directory,
      env: { ...env, HOME: '/nonexistent', PATH: `${shims}:${process.env['PATH']}` },
      extendEnv: false,
      stdin: 'ignore',
    })
  const [promote = '', script = '', plan = ''] = shellBlocks(inCi)
  expect((await shell(plan)).stdout).toContain('"event":"plan"')
  expect((await run(['deploy', 'web', 'v43', '--canary', '1', '--yes'], env)).code).toBe(0)
  expect((await shell(promote)).stdout).toContain('"outcome":"done"')
  expect((await shell(script, 'v1')).stdout).toMatch(/^web runs v1 on web-green; /)
  expect(await readFile(join(directory, 'events.jsonl'), 'utf8')).toContain('"event":"result"')

  const result = (await run(['history', 'web'], env)).events.at(-1)
  const deployments = result?.event === 'result' ? (result.details['deployments'] as { id: string }[]) : []
  const id = deployments[0]?.id ?? ''
  const told = await shell(shellBlocks(stories).join('\n').replaceAll('20260101-120000-44fd', id))
  expect(told.stdout).toContain('web v')
  expect(await readFile(join(directory, 'web.html'), 'utf8')).toContain('</html>')
  expect((await run(['finish', 'web', '--yes'], env)).code).toBe(0)
})

/** `switchover`, and `npx switchover`, as they are where the package is installed. */
async function shimsIn(place: string): Promise<string> {
  const program = `exec '${process.execPath}' '${coordinatorCli}' "$@"\n`
  const texts = { switchover: `#!/bin/sh\n${program}`, npx: `#!/bin/sh\nshift\n${program}` }
  for (const [name, script] of Object.entries(texts)) {
    await writeFile(join(place, name), script)
    await chmod(join(place, name), 0o755)
  }
  return place
}
