import { PutObjectCommand } from '@aws-sdk/client-s3'
import type { WireResponse } from '@switchover/local-aws/wire/message'
import { beforeEach, describe, expect, test } from 'vitest'
import { bucket, createAccount, type Account } from '../../test/support/account.ts'
import { beforeDeploy } from '../decide/fixture.ts'
import type { DeploymentRecord } from '@switchover/contract/deployment'
import { openRecordStore, type RecordStore } from './store.ts'

const { deployment } = beforeDeploy()
const location = { bucket, prefix: 'p' }
let account: Account
let store: RecordStore

function recordOf(owner: string): DeploymentRecord {
  return { schema: 1, service: 'web', lease: { owner, expiresAt: 1 }, deployment }
}

function refusal(status: number, code: string): WireResponse {
  const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>refused</Message></Error>`
  return { status, headers: { 'content-type': 'application/xml' }, body: Buffer.from(xml) }
}

beforeEach(async () => {
  account = await createAccount()
  store = openRecordStore({ ...account, random: () => 0 }, location, 'web')
})

describe('the record', () => {
  test('is absent before the first deployment and comes back as it was written', async () => {
    expect(await store.read()).toEqual({ record: null, etag: null })
    const written = await store.write(recordOf('a'), null)
    expect(written).toEqual({ kind: 'written', etag: expect.stringMatching(/^"/) })
    expect((await store.read()).record).toEqual(recordOf('a'))
  })

  test('is not written over by one who read an older state', async () => {
    await store.write(recordOf('a'), null)
    const { etag } = await store.read()
    await store.write(recordOf('b'), etag)
    for (const seen of [null, etag]) {
      const lost = await store.write(recordOf('c'), seen)
      expect(lost).toMatchObject({ kind: 'lost', current: { record: { lease: { owner: 'b' } } } })
    }
    expect((await store.read()).record).toEqual(recordOf('b'))
  })

  test('is written although the reply was lost, and once only', async () => {
    let puts = 0
    account.intercept = async (call, proceed) => {
      const response = await proceed()
      return call.operation === 'PutObject' && puts++ === 0 ? null : response
    }
    expect(await store.write(recordOf('a'), null)).toMatchObject({ kind: 'written' })
    expect(puts).toBe(1)
    expect((await store.read()).record).toEqual(recordOf('a'))
  })

  test('a request that never arrived is sent again', async () => {
    let puts = 0
    account.intercept = async (call, proceed) =>
      call.operation === 'PutObject' && puts++ === 0 ? null : proceed()
    expect(await account.run(store.write(recordOf('a'), null))).toMatchObject({ kind: 'written' })
    expect(puts).toBe(2)
  })

  test('a lost reply that hides a lost race is a lost race', async () => {
    const rival = openRecordStore({ ...account, random: () => 0 }, location, 'web')
    account.intercept = async (call, proceed) => {
      if (call.operation !== 'PutObject') return proceed()
      account.intercept = null
      await rival.write(recordOf('rival'), null)
      await proceed()
      return null
    }
    const result = await store.write(recordOf('a'), null)
    expect(result).toMatchObject({ kind: 'lost', current: { record: { lease: { owner: 'rival' } } } })
  })

  test('an undecided conflict (409) is tried again, and not for ever', async () => {
    let conflicts = 0
    account.intercept = async (call, proceed) =>
      call.operation === 'PutObject' && conflicts++ < 2
        ? refusal(409, 'ConditionalRequestConflict')
        : proceed()
    expect(await account.run(store.write(recordOf('a'), null))).toMatchObject({ kind: 'written' })
    account.intercept = async (call, proceed) =>
      call.operation === 'PutObject' ? refusal(409, 'ConditionalRequestConflict') : proceed()
    const { etag } = await store.read()
    await expect(account.run(store.write(recordOf('b'), etag))).rejects.toMatchObject({
      name: 'ConditionalRequestConflict',
    })
  })

  test('an object that is no record is refused in one sentence', async () => {
    const object = { Bucket: bucket, Key: 'p/web/deployment.json' }
    await account.clients.s3.send(new PutObjectCommand({ ...object, Body: '{"schema":2}' }))
    await expect(store.read()).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('schema'),
    })
  })

  test('a store that does not exist is refused before any change', async () => {
    const missing = openRecordStore({ ...account, random: () => 0 }, { bucket: 'no-such', prefix: '' }, 'web')
    await expect(missing.read()).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('s3://no-such does not exist'),
    })
  })
})

test("the store's time is the highest that its whole seconds allow, and never ahead of it", async () => {
  await account.time.advance(1_400)
  await store.read()
  expect(account.time.now() - store.clock.now()).toBe(400)
  await account.time.advance(700)
  await store.read()
  expect(account.time.now() - store.clock.now()).toBe(100)
  await account.time.advance(850)
  await store.read()
  expect(account.time.now() - store.clock.now()).toBe(100)
})
