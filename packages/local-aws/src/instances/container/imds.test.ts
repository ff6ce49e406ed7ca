import { request, type IncomingHttpHeaders } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Clock } from '../../clock.ts'
import { startImds, type Imds, type ImdsFault, type InstanceView } from './imds.ts'
import type { Metadata } from './metadata.ts'

const WEB = '127.0.0.2'
const OTHER = '127.0.0.3'
const NOBODY = '127.0.0.9'
const LAUNCHED = Date.UTC(2025, 0, 2, 3, 4, 5, 678)

const metadata: Metadata = {
  instanceId: 'i-0123456789abcdef0',
  ip: WEB,
  imageId: 'ami-0abc',
  instanceType: 't3.small',
  architecture: 'x86_64',
  availabilityZone: 'us-east-1a',
  region: 'us-east-1',
  account: '123456789012',
  role: 'web-role',
  userData: '#!/bin/sh\n',
  launchedAt: LAUNCHED,
  targetLifecycleState: null,
  spot: { interruption: null, rebalanceAt: null },
  tags: null,
  credentials: {
    accessKeyId: 'ASIAEXAMPLE',
    secretAccessKey: 'secret',
    token: 'session',
    expiration: LAUNCHED + 21_600_000,
    updated: LAUNCHED,
  },
}

type Answer = { status: number; headers: IncomingHttpHeaders; body: string }

let now = LAUNCHED
/** What is to run later, and when. */
let later: { at: number; task: () => void }[] = []
const clock: Clock = {
  now: () => now,
  after: (delayMs, task) => {
    later.push({ at: now + delayMs, task })
    return () => {}
  },
}
let views: Map<string, InstanceView>
let imds: Imds
let seen: string[]

beforeEach(async () => {
  now = LAUNCHED
  later = []
  seen = []
  views = new Map([
    [WEB, viewOf({})],
    [OTHER, viewOf({ instanceId: 'i-other', ip: OTHER })],
  ])
  imds = await startImds({
    host: '0.0.0.0',
    clock,
    view: (ip) => views.get(ip) ?? null,
    onRequest: ({ method, path, status }) => seen.push(`${method} ${path} ${status}`),
  })
})

afterEach(() => imds.close())

describe('tokens', () => {
  test.each([
    ['the shortest TTL', { ttl: '1' }, 200],
    ['the longest TTL', { ttl: '21600' }, 200],
    ['a TTL that is too long', { ttl: '21601' }, 400],
    ['no time at all', { ttl: '0' }, 400],
    ['no number', { ttl: 'long' }, 400],
    ['no TTL', {}, 400],
    ['a request that was forwarded', { ttl: '60', forwardedFor: '10.0.0.1' }, 403],
    ['a version of its own', { ttl: '60', version: '2021-03-23' }, 403],
    ['an address that is nobody', { ttl: '60', from: NOBODY }, 404],
  ])('%s', async (_, { ttl, forwardedFor, version = 'latest', from = WEB }: TokenRow, status) => {
    const answer = await ask(`/${version}/api/token`, {
      method: 'PUT',
      from,
      headers: {
        ...(ttl !== undefined && { 'X-aws-ec2-metadata-token-ttl-seconds': ttl }),
        ...(forwardedFor !== undefined && { 'X-Forwarded-For': forwardedFor }),
      },
    })
    expect(answer.status).toBe(status)
    if (status === 200) expect(answer.headers['x-aws-ec2-metadata-token-ttl-seconds']).toBe(ttl)
    else expect(answer.body).toContain(`<h1>${status} - `)
  })

  test('a token ends with its time and is good for its instance only', async () => {
    const token = await tokenFor(WEB, 60)
    expect((await get('instance-id', { token })).body).toBe('i-0123456789abcdef0')
    expect((await get('instance-id', { token, from: OTHER })).status).toBe(401)
    now += 59_999
    expect((await get('instance-id', { token })).status).toBe(200)
    now += 1
    expect((await get('instance-id', { token })).status).toBe(401)
  })

  test('without a token there is nothing, unless the instance allows it', async () => {
    expect((await get('instance-id')).status).toBe(401)
    views.set(WEB, { ...viewOf({}), httpTokens: 'optional' })
    expect((await get('instance-id')).status).toBe(200)
    expect((await get('instance-id', { token: 'made-up' })).status).toBe(401)
  })

  test('a service that is off answers 403 to everything', async () => {
    const token = await tokenFor(WEB)
    views.set(WEB, { ...viewOf({}), httpEndpoint: 'disabled' })
    expect((await get('instance-id', { token })).status).toBe(403)
    await expect(tokenFor(WEB)).rejects.toThrow('403')
  })

  test('a hop limit that is too small leaves the token request without an answer', async () => {
    views.set(WEB, { ...viewOf({}), tokenReachesCaller: false })
    const asked = tokenFor(WEB)
    const settled = asked.then(
      () => 'answered',
      () => 'cut off',
    )
    // The service goes on answering others, so the silence is not a slow start.
    expect(await tokenFor(OTHER)).not.toBe('')
    await imds.close()
    expect(await settled).toBe('cut off')
    expect(seen).toEqual(['PUT /latest/api/token 200'])
  })
})

describe('paths', () => {
  test.each([
    ['meta-data/placement/region', 'us-east-1'],
    ['meta-data/placement/', 'availability-zone\nregion'],
    ['meta-data/placement', 'availability-zone\nregion'],
    ['meta-data/instance-life-cycle', 'on-demand'],
    ['meta-data/local-ipv4', WEB],
    ['meta-data/iam/', 'info\nsecurity-credentials/'],
    ['meta-data/iam/security-credentials/', 'web-role'],
    ['meta-data/network/interfaces/macs/', '02:42:7f:00:00:02/'],
    ['user-data', '#!/bin/sh\n'],
    ['', 'dynamic\nmeta-data\nuser-data'],
  ])('%s', async (path, body) => {
    const token = await tokenFor(WEB)
    for (const version of ['latest', '2021-03-23'])
      expect(await ask(`/${version}/${path}`, { token })).toMatchObject({ status: 200, body })
  })

  test.each([
    'meta-data/autoscaling/target-lifecycle-state',
    'meta-data/tags/instance/',
    'meta-data/spot/instance-action',
    'meta-data/instance-id/',
    'meta-data/toString',
    'meta-data/%E0%A4%A',
    'dynamic/instance-identity/nothing',
  ])('%s is not there', async (path) => {
    const token = await tokenFor(WEB)
    expect((await ask(`/latest/${path}`, { token })).status).toBe(404)
  })

  test('unknown versions and writing are refused', async () => {
    const token = await tokenFor(WEB)
    expect((await ask('/1999-01-01/meta-data/', { token })).status).toBe(404)
    expect((await ask('/latest/meta-data/', { token, method: 'POST' })).status).toBe(405)
  })

  test('HEAD has the length and no body', async () => {
    const token = await tokenFor(WEB)
    const answer = await ask('/latest/meta-data/instance-id', { token, method: 'HEAD' })
    expect(answer).toMatchObject({ status: 200, body: '' })
    expect(answer.headers['content-length']).toBe('19')
  })

  test('the identity document and the credentials are JSON with times in whole seconds', async () => {
    const token = await tokenFor(WEB)
    const document = await ask('/latest/dynamic/instance-identity/document', { token })
    expect(JSON.parse(document.body)).toMatchObject({
      accountId: '123456789012',
      instanceId: 'i-0123456789abcdef0',
      pendingTime: '2025-01-02T03:04:05Z',
      privateIp: WEB,
      region: 'us-east-1',
      architecture: 'x86_64',
    })
    expect(JSON.parse((await get('iam/security-credentials/web-role', { token })).body)).toEqual({
      Code: 'Success',
      LastUpdated: '2025-01-02T03:04:05Z',
      Type: 'AWS-HMAC',
      AccessKeyId: 'ASIAEXAMPLE',
      SecretAccessKey: 'secret',
      Token: 'session',
      Expiration: '2025-01-02T09:04:05Z',
    })
    expect(JSON.parse((await get('iam/info', { token })).body)).toMatchObject({
      InstanceProfileArn: 'arn:aws:iam::123456789012:instance-profile/web-role',
    })
  })

  test('what the instance has or is launched with appears', async () => {
    const token = await tokenFor(WEB)
    views.set(
      WEB,
      viewOf({ targetLifecycleState: 'Standby', tags: { Name: 'web' }, role: null, userData: null }),
    )
    expect((await get('autoscaling/target-lifecycle-state', { token })).body).toBe('Standby')
    expect((await get('tags/instance/Name', { token })).body).toBe('web')
    expect((await get('iam/security-credentials/', { token })).status).toBe(404)
    expect((await ask('/latest/user-data', { token })).status).toBe(404)
  })
})

describe('notices of EC2', () => {
  test('are where EC2 has them, in whole seconds', async () => {
    const token = await tokenFor(WEB)
    const at = LAUNCHED + 120_000
    views.set(WEB, viewOf({ spot: { interruption: { action: 'terminate', at }, rebalanceAt: LAUNCHED } }))
    const read = async (path: string) => (await get(path, { token })).body
    expect(JSON.parse(await read('spot/instance-action'))).toEqual({
      action: 'terminate',
      time: '2025-01-02T03:06:05Z',
    })
    expect(await read('spot/termination-time')).toBe('2025-01-02T03:06:05Z')
    expect(JSON.parse(await read('events/recommendations/rebalance'))).toEqual({
      noticeTime: '2025-01-02T03:04:05Z',
    })
    expect(await read('instance-life-cycle')).toBe('spot')
  })

  test('only a termination has the older path', async () => {
    const token = await tokenFor(WEB)
    const interruption = { action: 'stop', at: LAUNCHED } as const
    views.set(WEB, viewOf({ spot: { interruption, rebalanceAt: null } }))
    expect((await get('spot/termination-time', { token })).status).toBe(404)
    expect((await get('events/recommendations/rebalance', { token })).status).toBe(404)
  })
})

describe('faults', () => {
  test.each([401, 403, 404, 429, 500, 503] as const)('%d to everything, of one instance', async (status) => {
    const token = await tokenFor(WEB)
    failing({ kind: 'status', status })
    expect((await get('instance-id', { token })).status).toBe(status)
    await expect(tokenFor(WEB)).rejects.toThrow(String(status))
    expect(await tokenFor(OTHER)).not.toBe('')
    views.set(WEB, viewOf({}))
    expect((await get('instance-id', { token })).status).toBe(200)
  })

  test('of one path alone', async () => {
    const token = await tokenFor(WEB)
    failing({ kind: 'status', status: 500, paths: /meta-data\/spot\// })
    expect((await get('spot/instance-action', { token })).status).toBe(500)
    expect((await get('instance-id', { token })).status).toBe(200)
    failing({ kind: 'status', status: 503, paths: /api\/token$/ })
    await expect(tokenFor(WEB)).rejects.toThrow('503')
  })

  test('an answer that comes late, by the time of the account', async () => {
    const token = await tokenFor(WEB)
    failing({ kind: 'slow', ms: 5_000 })
    const asked = get('instance-id', { token })
    // Another instance's answer shows that the slow one's time would have come.
    await tokenFor(OTHER)
    await expect.poll(() => later.map(({ at }) => at - now)).toEqual([5_000])
    later[0]?.task()
    expect((await asked).body).toBe('i-0123456789abcdef0')
  })

  test('a connection that is cut', async () => {
    const token = await tokenFor(WEB)
    failing({ kind: 'reset' })
    await expect(get('instance-id', { token })).rejects.toMatchObject({ code: 'ECONNRESET' })
  })
})

function failing(fault: ImdsFault): void {
  views.set(WEB, { ...viewOf({}), fault })
}

type TokenRow = { ttl?: string; forwardedFor?: string; version?: string; from?: string }
type Ask = { method?: string; from?: string; token?: string; headers?: Record<string, string> }

function viewOf(changed: Partial<Metadata>): InstanceView {
  return {
    metadata: { ...metadata, ...changed },
    httpTokens: 'required',
    httpEndpoint: 'enabled',
    tokenReachesCaller: true,
    fault: null,
  }
}

async function tokenFor(from: string, ttl = 21_600): Promise<string> {
  const headers = { 'X-aws-ec2-metadata-token-ttl-seconds': String(ttl) }
  const answer = await ask('/latest/api/token', { method: 'PUT', from, headers })
  if (answer.status !== 200) throw new Error(`token refused: ${answer.status}`)
  return answer.body
}

function get(path: string, options: Ask = {}): Promise<Answer> {
  return ask(`/latest/meta-data/${path}`, options)
}

/** Asks from an address of its own, as an instance does. */
function ask(path: string, { method = 'GET', from = WEB, token, headers = {} }: Ask): Promise<Answer> {
  const all = { ...headers, ...(token !== undefined && { 'X-aws-ec2-metadata-token': token }) }
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: imds.port, localAddress: from, path, method, headers: all, agent: false },
      (response) => {
        response.setEncoding('utf8')
        let body = ''
        response.on('data', (chunk: string) => (body += chunk))
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        )
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}
