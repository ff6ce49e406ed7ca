import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { ECRClient } from '@aws-sdk/client-ecr'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock, type Clock } from '../clock.ts'
import { Failure } from '../failure.ts'
import { credentialHelpers } from './credential-helper.ts'
import { registryLogins, type RegistryLogins } from './registry-login.ts'

const host = 'registry.example:5000'
const ecr = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const hub = 'https://index.docker.io/v1/'
const basic = (pair: string) => ({ auth: Buffer.from(pair).toString('base64') })

/** Real programs as helpers; a secret of theirs must never be in a message. */
describe('logins', () => {
  let directory: string
  let now: number
  let tokens: number
  const clock: Clock = {
    ...systemClock,
    now: () => now,
    wall: (at) => new Date(at),
    moment: (ms) => ms,
  }

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'switchover-logins-'))
    now = Date.parse('2026-01-01T00:00:00Z')
    tokens = 0
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  const config = (value: unknown) => writeFile(join(directory, 'config.json'), JSON.stringify(value))

  async function helper(name: string, script: string): Promise<void> {
    const file = join(directory, `docker-credential-${name}`)
    await writeFile(file, `#!/bin/sh\n${script}\n`)
    await chmod(file, 0o755)
  }

  function logins(over: Partial<Clock> = {}): RegistryLogins {
    const env = { PATH: `${directory}${delimiter}/usr/bin${delimiter}/bin`, HOME: directory }
    return registryLogins({
      clock,
      dockerConfig: directory,
      helpers: credentialHelpers({ clock: { ...clock, ...over }, env }),
      client: () => ({ send: () => Promise.resolve(ecrToken()) }) as unknown as ECRClient,
    })
  }

  function ecrToken() {
    tokens += 1
    const token = Buffer.from(`AWS:t${tokens}`).toString('base64')
    const expiresAt = new Date(now + 12 * 3_600_000)
    return { authorizationData: [{ authorizationToken: token, expiresAt, proxyEndpoint: `https://${ecr}` }] }
  }

  test.each<[string, unknown, string, object | null]>([
    ['no file', null, host, null],
    ['nothing about this registry', { auths: { 'other.example': basic('a:b') } }, host, null],
    [
      'docker login',
      { auths: { [host]: basic('me:pass:word') } },
      host,
      { username: 'me', password: 'pass:word' },
    ],
    [
      'an address as old versions wrote it',
      { auths: { [`https://${host}/v1/`]: basic('me:x') } },
      host,
      { username: 'me' },
    ],
    [
      'user and password in clear',
      { auths: { [host]: { username: 'me', password: 'x' } } },
      host,
      { password: 'x' },
    ],
    [
      'docker login over what stood there in clear',
      { auths: { [host]: { ...basic('me:new'), username: 'me', password: 'old' } } },
      host,
      { password: 'new' },
    ],
    [
      'an identity token',
      { auths: { [host]: { ...basic('me:'), identitytoken: 'T' } } },
      host,
      { identitytoken: 'T' },
    ],
    ['an entry a store left behind', { auths: { [host]: {} } }, host, null],
    ['Docker Hub, by its first address', { auths: { [hub]: basic('me:x') } }, 'redis', { username: 'me' }],
    [
      'Docker Hub, by its name',
      { auths: { [hub]: basic('me:x') } },
      'docker.io/library/redis',
      { username: 'me' },
    ],
    [
      'a helper before the store',
      { credHelpers: { [host]: 'mine' }, credsStore: 'none' },
      host,
      { username: 'helped' },
    ],
    [
      'a store before the file',
      { credsStore: 'mine', auths: { [host]: basic('me:x') } },
      host,
      { username: 'helped' },
    ],
    [
      'no helper for this one registry',
      { credHelpers: { [host]: '' }, credsStore: 'mine', auths: { [host]: basic('me:x') } },
      host,
      { username: 'me' },
    ],
    ['a store that knows nothing', { credsStore: 'empty', auths: { [host]: basic('me:x') } }, host, null],
    ['a helper that holds an identity token', { credsStore: 'token' }, host, { identitytoken: 'T' }],
    ['ECR, whatever the store is', { credsStore: 'mine' }, ecr, { username: 'AWS', password: 't1' }],
    ['ECR, with a helper of its own', { credHelpers: { [ecr]: 'mine' } }, ecr, { username: 'helped' }],
  ])('%s', async (_, file, registry, expected) => {
    await helper('mine', `echo '{"ServerURL":"x","Username":"helped","Secret":"s3cret"}'`)
    await helper('token', `echo '{"Username":"<token>","Secret":"T"}'`)
    await helper('empty', 'echo credentials not found in native keychain; exit 1')
    if (file !== null) await config(file)
    const login = await logins().for(registry.includes('redis') ? registry : `${registry}/web:v1`)
    if (expected === null) expect(login).toBeNull()
    else expect(login).toMatchObject(expected)
  })

  test('a helper reads the registry from its standard input, not from its arguments', async () => {
    await helper('mine', `echo "$* $(cat)" > "$HOME/asked"; echo '{"Username":"a","Secret":"b"}'`)
    await config({ credsStore: 'mine' })
    await logins().for(`${host}/web:v1`)
    expect(await readFile(join(directory, 'asked'), 'utf8')).toBe(`get ${host}\n`)
  })

  const withoutTime = { deadline: () => AbortSignal.timeout(100) }
  test.each<[string, string | null, RegExp, Partial<Clock>]>([
    ['is missing', null, /docker-credential-mine of registry .* is not on the agent's PATH\.$/, {}],
    [
      'fails',
      'echo s3cret; echo s3cret >&2; exit 3',
      /docker-credential-mine failed for .* \(exit code 3\)\.$/,
      {},
    ],
    ['says no JSON', 'echo s3cret', /docker-credential-mine gave no login for/, {}],
    ['names no user', `echo '{"Username":"","Secret":"s3cret"}'`, /gave no login for/, {}],
    ['never answers', 'sleep 60; echo s3cret', /gave no answer for .* within 20 s\.$/, withoutTime],
    ['says more than a login can be', 'while :; do echo s3cret; done', /docker-credential-mine failed/, {}],
  ])('a helper that %s is named, and what it printed is not', async (_, script, sentence, over) => {
    if (script !== null) await helper('mine', script)
    await config({ credHelpers: { [host]: 'mine' } })
    const failure: unknown = await logins(over)
      .for(`${host}/web:v1`)
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Failure)
    const { reason } = failure as Failure
    expect(reason).toMatchObject({ code: 'registry-login', kind: 'retryable' })
    expect(reason.sentence).toMatch(sentence)
    expect(JSON.stringify([failure, String(failure), String((failure as Failure).cause)])).not.toContain(
      's3cret',
    )
  })

  test('a file that is no configuration is named, and not quoted', async () => {
    await writeFile(join(directory, 'config.json'), '{"auths": s3cret')
    const failure: unknown = await logins()
      .for(`${host}/web:v1`)
      .catch((error: unknown) => error)
    expect(String(failure)).toMatch(/config\.json cannot be read\.$/)
    expect(String((failure as Failure).cause)).not.toContain('s3cret')
  })

  test.each([
    ecr,
    '123456789012.dkr.ecr-fips.us-east-1.amazonaws.com',
    '123456789012.dkr-ecr.eu-west-1.on.aws',
  ])("ECR's login is for the registry as the image names it: %s", async (registry) => {
    const login = await logins().for(`${registry}/web:v1`)
    expect(login).toMatchObject({ username: 'AWS', serveraddress: `https://${registry}` })
  })

  test("ECR's token is kept for half of its life, or until the registry does not take it", async () => {
    const store = logins()
    const password = async () => ((await store.for(`${ecr}/web:v1`)) as { password: string }).password
    expect([await password(), await password()]).toEqual(['t1', 't1'])
    now += 6 * 3_600_000
    expect(await password()).toBe('t2')
    store.forget(`${ecr}/web:v1`)
    expect(await password()).toBe('t3')
  })
})
