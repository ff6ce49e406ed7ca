import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ImdsError, type Imds } from '../imds.ts'
import type { ContainerView } from '../decide/observation.ts'
import { Status } from '../status.ts'
import { countedCalls } from './counted-calls.ts'
import { countedImds } from './counted-imds.ts'
import { Counters } from './counters.ts'
import { exposition } from './exposition.ts'
import { families } from './families.ts'

const linesOf = (text: string, name: string) =>
  text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))

const container = (service: string, restarts: number): ContainerView => ({
  id: `${service}-${restarts}`,
  service,
  imageId: 'sha256:1',
  state: 'running',
  health: 'none',
  exitCode: 0,
  runningMs: 1,
  oneShot: false,
  restarts,
})

describe('the metrics', () => {
  test('say the phase, how long each took, what is wanted and what was restarted', () => {
    const status = new Status(0, (at) => new Date(at))
    status.place = { group: 'web-blue', service: 'web', store: 's3://b/p', deployment: null }
    const pulling = {
      phase: 'pulling',
      ready: false,
      step: { kind: 'up', services: [] },
      reason: null,
      images: [],
    } as const
    status.update(pulling, null, 2_000)
    const containers = [container('web', 1), container('web', 2), container('worker', 0)]
    const measured = { status, counters: new Counters(), idleMs: 1_500, containers, now: 5_500 }
    const text = exposition(families(measured))
    expect(linesOf(text, 'switchover_agent_phase').filter((line) => line.endsWith(' 1'))).toEqual([
      'switchover_agent_phase{phase="pulling"} 1',
    ])
    expect(linesOf(text, 'switchover_agent_phase')).toHaveLength(11)
    expect(linesOf(text, 'switchover_agent_phase_seconds_total')).toEqual([
      'switchover_agent_phase_seconds_total{phase="booting"} 2',
      'switchover_agent_phase_seconds_total{phase="pulling"} 3.5',
    ])
    expect(linesOf(text, 'switchover_agent_wanted_info')).toEqual([
      'switchover_agent_wanted_info{group="web-blue",service="web",version="",bundle=""} 1',
    ])
    expect(linesOf(text, 'switchover_agent_container_restarts')).toEqual([
      'switchover_agent_container_restarts{service="web"} 3',
      'switchover_agent_container_restarts{service="worker"} 0',
    ])
    expect(text).toContain('\nswitchover_agent_ready 0\n')
    expect(text).toContain('\nswitchover_agent_turn_age_seconds 1.5\n')
    expect(text).toMatch(/\nprocess_resident_memory_bytes [1-9]\d{6,}\n/)
  })

  test('say what EC2 announced, once it did, whatever the clock said when the agent began', () => {
    const status = new Status(0, (at) => new Date(at))
    const text = () =>
      exposition(families({ status, counters: new Counters(), idleMs: 0, containers: [], now: 0 }))
    expect(text()).not.toMatch(/spot_interruption|rebalance/)
    status.notice(
      { action: 'terminate', time: '2026-01-01T00:00:00Z', at: 1_700_000_120_500 },
      1_700_000_000_000,
    )
    expect(text()).toContain('\nswitchover_agent_spot_interruption_timestamp_seconds 1767225600\n')
    expect(text()).toContain('\nswitchover_agent_rebalance_recommended_timestamp_seconds 1700000000\n')
  })

  test('count questions to the metadata service, and its failures by a few classes', async () => {
    const counters = new Counters()
    const answers: (Error | null)[] = [null, ...[403, 404, 500, 503].map((code) => new ImdsError(code, '/x'))]
    answers.push(new Error('connect ETIMEDOUT 169.254.169.254:80'))
    const imds: Imds = {
      get: () => {
        const next = answers.shift() ?? null
        return next ? Promise.reject(next) : Promise.resolve('text')
      },
    }
    const counted = countedImds(imds, counters)
    for (let asked = 0; asked < 6; asked += 1) await counted.get('meta-data/x').catch(() => undefined)
    const text = exposition(counters.families())
    expect(linesOf(text, 'switchover_agent_imds_requests_total')).toEqual([
      'switchover_agent_imds_requests_total 6',
    ])
    expect(linesOf(text, 'switchover_agent_imds_errors_total').toSorted()).toEqual([
      'switchover_agent_imds_errors_total{class="403"} 1',
      'switchover_agent_imds_errors_total{class="5xx"} 2',
      'switchover_agent_imds_errors_total{class="other"} 1',
      'switchover_agent_imds_errors_total{class="unreachable"} 1',
    ])
  })
})

const error = (status: number, code: string) => (response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/xml' })
  response.end(`<Error><Code>${code}</Code><Message>No.</Message></Error>`)
}

describe('calls of AWS', () => {
  let server: Server
  let answer: (response: ServerResponse) => void
  let counters: Counters
  let client: S3Client
  beforeEach(async () => {
    server = createServer((_, response) => answer(response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    counters = new Counters()
    const options = {
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      forcePathStyle: true,
      maxAttempts: 1,
    }
    client = countedCalls(new S3Client(options), counters)
  })
  afterEach(async () => {
    client.destroy()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  test.each<[string, (response: ServerResponse) => void]>([
    ['access-denied', error(403, 'AccessDenied')],
    ['no-credentials', error(400, 'ExpiredToken')],
    ['throttled', error(503, 'SlowDown')],
    ['refused', error(404, 'NoSuchKey')],
    ['aws-unreachable', error(500, 'InternalError')],
    ['aws-unreachable', (response) => void response.destroy()],
  ])('that fail are counted as %s', async (name, reply) => {
    answer = reply
    await expect(client.send(new GetObjectCommand({ Bucket: 'b', Key: 'secret-key' }))).rejects.toThrow()
    const labels = 'service="S3",operation="GetObject"'
    const text = exposition(counters.families())
    expect(linesOf(text, 'switchover_agent_aws_calls_total')).toEqual([
      `switchover_agent_aws_calls_total{${labels}} 1`,
    ])
    expect(linesOf(text, 'switchover_agent_aws_errors_total')).toEqual([
      `switchover_agent_aws_errors_total{${labels},class="${name}"} 1`,
    ])
    expect(text).not.toContain('secret')
  })
})
