import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../src/clock.ts'
import { readArguments } from '../src/commands/usage.ts'
import type { Decision } from '../src/decide/step.ts'
import { startEndpoint, type Endpoint } from '../src/endpoint/server.ts'
import { Counters } from '../src/metrics/counters.ts'
import { Status } from '../src/status.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

async function agent(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: {} })
  const [[code], out, err] = await Promise.all([
    once(child, 'close') as Promise<[number]>,
    text(child.stdout),
    text(child.stderr),
  ])
  return { code, out, err }
}

const decided = (phase: Decision['phase'], ready: boolean): Decision => ({
  phase,
  ready,
  step: { kind: 'rest', ms: 1 },
  reason: null,
  images: [],
})

describe('switchover-agent status, as a process', () => {
  let status: Status
  let endpoint: Endpoint
  beforeEach(async () => {
    status = new Status(Date.now(), (at) => new Date(at))
    const verdicts = {
      status,
      alive: () => true,
      settled: () => true,
      metrics: () => '',
      counters: new Counters(),
      clock: systemClock,
    }
    endpoint = await startEndpoint(verdicts, { port: 0 })
  })
  afterEach(() => endpoint.close())

  test('ends with 1 while the instance is not ready, and with 0 when it is', async () => {
    const port = String(endpoint.port)
    const early = await agent('status', '--port', port)
    expect([early.code, early.out]).toEqual([1, expect.stringMatching(/^This machine is not ready: /)])
    status.identity = { instanceId: 'i-0123456789abcdef0', region: 'us-east-1' }
    status.update(decided('parked', true), null, Date.now())
    const later = await agent('status', '--port', port)
    expect([later.code, later.out]).toEqual([0, expect.stringMatching(/^i-0123456789abcdef0 is ready: /)])
    const json = await agent('status', '--port', port, '--json')
    expect(JSON.parse(json.out)).toMatchObject({ phase: 'parked', ready: true, work: null, lastError: null })
  })

  test('keeps the last error, and tells what is tried next', async () => {
    const reason = { code: 'no-group', sentence: 'No group yet.', kind: 'retryable' } as const
    status.update(decided('resolving', false), reason, Date.now())
    status.update(decided('ready', true), null, Date.now())
    status.work = { step: 'up', image: null, runs: false, at: Date.now() + 600_000, failures: 1 }
    const { code, out } = await agent('status', '--port', String(endpoint.port))
    expect(code).toBe(0)
    expect(out).toMatch(/\n {2}blocks {6}nothing\n {2}last error {2}\d.*No group yet\./)
    expect(out).toMatch(/in \d{3} s: docker compose up, after a failure/)
  })

  test('ends with 2 and the next command where no agent answers', async () => {
    const other = createServer((_, response) => response.end('{"hello":1}'))
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const foreign = await agent('status', '--port', String(port))
    await new Promise((resolve) => other.close(resolve))
    const none = await agent('status', '--port', String(port))
    expect([foreign.code, none.code, foreign.out, none.out]).toEqual([2, 2, '', ''])
    for (const { err } of [foreign, none]) {
      expect(err).toMatch(/^No agent answers on port \d+ \(.+\).*\.\nNext: systemctl status switchover-agent/)
    }
  })

  test('bad arguments end with 2 and one sentence', async () => {
    const { code, out, err } = await agent('status', '--prot', '1')
    expect([code, out, err]).toEqual([
      2,
      '',
      "Unknown option '--prot'. Next: switchover-agent status --help\n",
    ])
  })
})

describe('the command line', () => {
  test.each<[string, string]>([
    ['', 'A command is missing. Next: switchover-agent --help'],
    ['stauts', 'There is no command stauts. Next: switchover-agent --help'],
    ['run now', 'run takes no argument now. Next: switchover-agent run --help'],
    ['run --port 1', 'run takes no --port. Next: switchover-agent run --help'],
    [
      'status --port 0',
      '--port takes a port from 1 to 65535; it was 0. Next: switchover-agent status --help',
    ],
    ['status x', 'status takes no argument x. Next: switchover-agent status --help'],
    ['check', 'check takes the path of a compose file. Next: switchover-agent check --help'],
    ['check a b', 'check takes one file, not 2. Next: switchover-agent check --help'],
    ['check a --json', 'check takes no --json. Next: switchover-agent check --help'],
  ])('refuses "%s"', (line, sentence) => {
    expect(readArguments(line.split(' ').filter(Boolean))).toEqual({ command: 'refuse', sentence })
  })

  test.each(['run', 'status', 'check'])('%s --help has its arguments, exit codes and an example', (name) => {
    const asked = readArguments([name, '--help'])
    expect(asked.command === 'say' && asked.text).toMatch(
      /^switchover-agent \w+[^]+Exit codes:\n[^]+Example:\n/,
    )
  })
})
