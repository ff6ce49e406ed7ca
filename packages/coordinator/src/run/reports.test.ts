import { PutObjectCommand } from '@aws-sdk/client-s3'
import type { Report } from '@switchover/contract/report'
import { beforeEach, describe, expect, test } from 'vitest'
import { bucket, createAccount, type Account } from '../../test/support/account.ts'
import { flags } from '../decide/fixture.ts'
import type { Group } from '../decide/world.ts'
import { ReportReader, restraintFor } from './reports.ts'

const id = 'i-0123456789abcdef0'
const other = 'i-0fedcba9876543210'
let account: Account
let reader: ReportReader

beforeEach(async () => {
  account = await createAccount()
  reader = new ReportReader(account.clients, { bucket, prefix: 'p' }, 'web')
})

function reportOf(instanceId: string, writtenAt: string, change: Partial<Report> = {}): Report {
  return {
    instanceId,
    group: 'web-green',
    service: 'web',
    deployment: null,
    phase: 'ready',
    since: '2026-01-01T00:00:00.000Z',
    writtenAt,
    version: 'v2',
    bundle: null,
    images: [],
    reason: null,
    logs: [],
    timings: {},
    agent: '1',
    ...change,
  }
}

async function put(name: string, body: unknown): Promise<void> {
  const Body = typeof body === 'string' ? body : JSON.stringify(body)
  await account.clients.s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: `p/web/reports/${name}.json`, Body }),
  )
}

async function putPhase(instance: string, phase: Report['phase']): Promise<void> {
  await put(`AROA:${instance}`, reportOf(instance, '2026-01-01T00:00:10.000Z', { phase }))
}

function group(name: string, states: string[]): Group {
  return {
    name,
    min: 0,
    max: 9,
    desired: 0,
    suspended: [],
    tags: {},
    instances: states.map((lifecycle) => ({
      id: `${name} ${lifecycle}`,
      lifecycle,
      healthy: true,
      protected: false,
    })),
    hooks: { launching: [], terminating: [] },
  }
}

async function read(instances: string[], since = Number.POSITIVE_INFINITY) {
  return reader.read(new Set(instances), since)
}

/** A lease that stands. */
const permitted = {
  permit: <T>(call: (signal: AbortSignal, check: () => void) => Promise<T>) =>
    call(new AbortController().signal, () => undefined),
}

describe('reports', () => {
  test('come by instance, the newest where a role was replaced', async () => {
    await put(`AROAOLD:${id}`, reportOf(id, '2026-01-01T00:00:09.000Z', { phase: 'failed' }))
    await put(`AROANEW:${id}`, reportOf(id, '2026-01-01T00:00:10.000Z'))
    expect((await read([id])).get(id)?.phase).toBe('ready')
  })

  test('that are not valid, or speak of another instance than their key, are none', async () => {
    await put(`AROA:${id}`, reportOf(other, '2026-01-01T00:00:10.000Z'))
    await put(`AROA:${other}`, '{"phase":"ready"}')
    await put('no-instance', reportOf(id, '2026-01-01T00:00:10.000Z'))
    expect((await read([id, other])).size).toBe(0)
  })

  test('are fetched again only when they changed', async () => {
    let gets = 0
    account.intercept = async (call, proceed) => {
      if (call.operation === 'GetObject') gets += 1
      return proceed()
    }
    await put(`AROA:${id}`, reportOf(id, '2026-01-01T00:00:10.000Z', { phase: 'pulling' }))
    await read([id])
    await read([id])
    expect(gets).toBe(1)
    await put(`AROA:${id}`, reportOf(id, '2026-01-01T00:00:20.000Z'))
    expect((await read([id])).get(id)?.phase).toBe('ready')
    expect(gets).toBe(2)
  })

  test('of an instance that may wait are fetched again after fifteen seconds, of one that does not matter never', async () => {
    const phases = async (now: number) => {
      const restraint = { later: new Set([id]), never: new Set([other]), now }
      const found = await reader.read(new Set([id, other]), Number.POSITIVE_INFINITY, restraint)
      return [id, other].map((one) => found.get(one)?.phase)
    }
    await putPhase(id, 'pulling')
    await putPhase(other, 'ready')
    expect(await phases(0)).toEqual(['pulling', undefined])
    await putPhase(id, 'starting')
    expect(await phases(14_999)).toEqual(['pulling', undefined])
    expect(await phases(15_000)).toEqual(['starting', undefined])
    expect((await read([id, other])).get(other)?.phase).toBe('ready')
  })

  test('of more than a thousand instances come from as many pages as there are', async () => {
    const ids = Array.from({ length: 1_001 }, (_, n) => `i-${n.toString(16).padStart(17, '0')}`)
    for (const one of ids) {
      const body = JSON.stringify(reportOf(one, '2026-01-01T00:00:10.000Z'))
      account.cloud.objects.put(bucket, `p/web/reports/AROA:${one}.json`, Buffer.from(body))
    }
    let pages = 0
    account.intercept = async (call, proceed) => {
      if (call.operation === 'ListObjectsV2') pages += 1
      return proceed()
    }
    expect((await read(ids)).size).toBe(1_001)
    expect(pages).toBe(2)
  })

  test('of instances nobody asked for count where they were written since the beginning', async () => {
    await put(`AROA:${id}`, reportOf(id, '2026-01-01T00:00:10.000Z'))
    await account.time.advance(60_000)
    const begun = account.time.now()
    await put(`AROA:${other}`, reportOf(other, '2026-01-01T00:01:10.000Z'))
    expect([...(await read([], begun)).keys()]).toEqual([other])
  })

  test('of ended instances are deleted, and others stay', async () => {
    await put(`AROA:${id}`, reportOf(id, '2026-01-01T00:00:10.000Z'))
    await put(`AROA:${other}`, reportOf(other, '2026-01-01T00:00:10.000Z'))
    await reader.delete(new Set([id]), permitted)
    await reader.delete(new Set([id]), permitted)
    expect([...(await read([id, other])).keys()]).toEqual([other])
  })
})

describe('whose reports may wait', () => {
  const old = group('old', ['Pending', 'InService', 'EnteringStandby', 'Standby'])
  const fresh = group('new', ['Pending', 'Pending:Wait', 'InService', 'Terminating:Wait'])
  const deploying: Parameters<typeof restraintFor>[2] = {
    flags,
    goal: 'deploy',
    back: { keep: 0, floor: 100 },
    ending: ['old Detached'],
  }
  const of = (release: 'each' | 'together') =>
    restraintFor(old, fresh, { ...deploying, flags: { ...flags, release } }, 7)
  const goingBack = (keep: number) =>
    restraintFor(old, fresh, { ...deploying, goal: 'rollback', back: { keep, floor: 100 } }, 7).never

  test('old ones do not matter until they are parked', () => {
    expect(of('each').never).toEqual(new Set(['old Pending', 'old InService']))
  })

  test('new ones may wait while they launch, for their hook tells how it went', () => {
    expect(of('each').later).toEqual(new Set(['new Pending', 'new Pending:Wait']))
  })

  test('none may wait where launches are released together', () => {
    expect(of('together').later).toEqual(new Set())
  })

  test('on the way back new ones matter once a termination hook waits for their agents', () => {
    const serving = ['old Pending', 'old InService', 'new Pending', 'new Pending:Wait', 'new InService']
    expect(goingBack(0).symmetricDifference(new Set(serving))).toEqual(new Set())
  })

  test('on the way back new ones matter where some of them are to be kept', () => {
    expect(goingBack(1)).toEqual(new Set(['old Pending', 'old InService']))
  })

  test('to a finish nobody matters who serves, and those it ends may wait', () => {
    const { never, later } = restraintFor(old, fresh, { ...deploying, goal: 'finish' }, 7)
    const serving = ['old Pending', 'old InService', 'new Pending', 'new Pending:Wait', 'new InService']
    expect(never.symmetricDifference(new Set(serving))).toEqual(new Set())
    expect(later).toEqual(new Set(['old Detached']))
  })
})
