import { PutObjectCommand } from '@aws-sdk/client-s3'
import type { Report } from '@switchover/contract/report'
import { beforeEach, describe, expect, test } from 'vitest'
import { bucket, createAccount, type Account } from '../../test/support/account.ts'
import { ReportReader } from './reports.ts'

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

async function read(instances: string[], since = Number.POSITIVE_INFINITY) {
  return reader.read(new Set(instances), since)
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
    await reader.delete(new Set([id]))
    await reader.delete(new Set([id]))
    expect([...(await read([id, other])).keys()]).toEqual([other])
  })
})
