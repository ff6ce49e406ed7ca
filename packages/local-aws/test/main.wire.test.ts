import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribePoliciesCommand,
} from '@aws-sdk/client-auto-scaling'
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { execa } from 'execa'
import { on } from 'node:events'
import { createServer } from 'node:http'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { closeServer, listen } from '../src/listening.ts'

const mainFile = fileURLToPath(new URL('../src/main.ts', import.meta.url))

function start(...args: string[]) {
  return execa(process.execPath, [mainFile, ...args], { reject: false })
}

/** The first `count` variables a process prints. */
async function printed(output: Readable, count: number): Promise<[string, string][]> {
  let text = ''
  for await (const part of on(output, 'data', { close: ['end'] }) as AsyncIterable<[Buffer]>) {
    text += part[0].toString()
    if (text.split('\n').length > count) break
  }
  return [...text.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value])
}

test('prints what a shell needs, serves, and ends on SIGTERM', async () => {
  const running = start('--port', '0', '--region', 'eu-west-1')
  try {
    const told = Object.fromEntries(await printed(running.stdout, 5))
    expect(told).toMatchObject({ AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-1' })
    const sts = new STSClient({
      endpoint: told['AWS_ENDPOINT_URL'] ?? '',
      region: told['AWS_REGION'] ?? '',
      credentials: {
        accessKeyId: told['AWS_ACCESS_KEY_ID'] ?? '',
        secretAccessKey: told['AWS_SECRET_ACCESS_KEY'] ?? '',
      },
    })
    expect((await sts.send(new GetCallerIdentityCommand({}))).Account).toBe('123456789012')
    running.kill('SIGTERM')
    expect((await running).exitCode).toBe(0)
    await expect(fetch(told['AWS_ENDPOINT_URL'] ?? '')).rejects.toThrow()
  } finally {
    running.kill('SIGKILL')
  }
})

test('a session of a role may do what the policy of its file allows, and an administrator everything', async () => {
  const file = fileURLToPath(new URL('../../../bootstrap/iam/instance-role.json', import.meta.url))
  const running = start('--port', '0', '--policy', `web=${file}`)
  try {
    const told = Object.fromEntries(await printed(running.stdout, 5))
    const common = { endpoint: told['AWS_ENDPOINT_URL'] ?? '', region: 'us-east-1', maxAttempts: 1 }
    const admin = { accessKeyId: told['AWS_ACCESS_KEY_ID'] ?? '', secretAccessKey: 'local' }
    const { Credentials } = await new STSClient({ ...common, credentials: admin }).send(
      new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::123456789012:role/web', RoleSessionName: 'me' }),
    )
    const session = { accessKeyId: Credentials?.AccessKeyId ?? '', secretAccessKey: 'x', sessionToken: 'x' }
    const look = new DescribePoliciesCommand({})
    await new AutoScalingClient({ ...common, credentials: admin }).send(look)
    const autoScaling = new AutoScalingClient({ ...common, credentials: session })
    await autoScaling.send(new DescribeAutoScalingGroupsCommand({}))
    await expect(autoScaling.send(look)).rejects.toThrow(
      'User: arn:aws:sts::123456789012:assumed-role/web/me is not authorized to perform: autoscaling:DescribePolicies because no identity-based policy allows the autoscaling:DescribePolicies action',
    )
  } finally {
    running.kill('SIGKILL')
  }
})

test('a port in use is one sentence and exit code 1', async () => {
  const server = createServer()
  const port = await listen(server, '127.0.0.1', 0)
  const ended = await start('--port', String(port))
  await closeServer(server)
  expect(ended.exitCode).toBe(1)
  expect(ended.stderr).toBe(
    `Port ${port} cannot be opened on 127.0.0.1: EADDRINUSE. Choose another with --port.`,
  )
})

test.each([
  [['--port', '70000'], 'A port is a number from 0 to 65535.'],
  [['--boot', '5'], '"5" is not a duration'],
  [['--speed', '0'], 'A speed is a number from 0.1 to 1000.'],
  [['--policy', 'ops'], '"ops" is not written ROLE=FILE.'],
  [['--policy', 'ops=/nonexistent.json'], 'The policy /nonexistent.json cannot be read: ENOENT'],
  [['--state', 'x'], "unknown option '--state'"],
])('%j is refused with exit code 2', async (args, sentence) => {
  const ended = await start(...args)
  expect(ended.exitCode).toBe(2)
  expect(ended.stderr).toContain(sentence)
})
