import { createHash, createHmac } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const secret = 'sec/re+t'
const installer = new URL('../../../bootstrap/install.sh', import.meta.url)

/** The part of the installer that gets the tarball, by the curl of this machine; what comes after changes the machine. */
describe('the installer', () => {
  let directory: string
  let server: Server
  let url: string
  let asked: IncomingMessage[]
  let absent: RegExp

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'switchover-installer-'))
    asked = []
    absent = /^never$/
    server = createServer((request, response) => {
      asked.push(request)
      response.statusCode = absent.test(request.url ?? '') ? 404 : 200
      response.end(answer(request.url ?? ''))
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    server.close()
    await rm(directory, { recursive: true })
  })

  async function fetchTarball(settings: Record<string, string>) {
    const file = join(directory, 'env')
    const lines = Object.entries({
      AWS_EC2_METADATA_SERVICE_ENDPOINT: url,
      AWS_ENDPOINT_URL: url,
      ...settings,
    })
    await writeFile(file, lines.map(([name, value]) => `${name}='${value}'\n`).join(''))
    const [head = ''] = (await readFile(installer, 'utf8')).split('install_agent()')
    const script = join(directory, 'fetch.sh')
    await writeFile(script, `${head}\nfetch "$2"\n`)
    return execa('bash', [script, file, join(directory, 'out')], { reject: false, all: true })
  }
  const settings = {
    SWITCHOVER_STORE: 's3://bucket/prefix',
    SWITCHOVER_AGENT_VERSION: '1.2.3+5',
    SWITCHOVER_AGENT_SHA256_X64: 'a'.repeat(64),
    SWITCHOVER_AGENT_SHA256_ARM64: 'a'.repeat(64),
  }

  test('asks S3 with a signature that holds, over every header S3 wants signed', async () => {
    const result = await fetchTarball(settings)
    expect([result.all, result.exitCode]).toEqual(['', 0])
    expect(await readFile(join(directory, 'out'), 'utf8')).toBe('the tarball')
    const last = asked.at(-1)
    if (!last) throw new Error('Nothing was asked.')
    expect(last.url).toMatch(/^\/bucket\/prefix\/agent\/1\.2\.3%2B5\/switchover-agent-linux-/)
    const { signed, signature, scope } = authorization(last)
    expect(signed).toEqual(['host', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token'])
    expect(signature).toBe(expectedSignature(last, signed, scope))
  })

  test.each([
    ['no version', { ...settings, SWITCHOVER_AGENT_VERSION: '' }, /names no SWITCHOVER_AGENT_VERSION/],
    ['no store', { ...settings, SWITCHOVER_STORE: '' }, /names no SWITCHOVER_STORE/],
  ])('says so where the settings have %s', async (_, given, sentence) => {
    const result = await fetchTarball(given)
    expect(result.exitCode).toBe(78)
    expect(result.all).toMatch(sentence)
  })

  test.each([
    ['metadata', /token$/, /gives no token/],
    ['role', /security-credentials\/$/, /has no role yet/],
    ['tarball', /tar\.gz$/, /cannot be fetched with role web-role/],
  ])('says so where there is no %s, and no secret', async (_, path, sentence) => {
    absent = path
    const result = await fetchTarball(settings)
    expect(result.exitCode).toBe(1)
    expect(result.all).toMatch(sentence)
    expect(result.all).not.toMatch(/sec\/re|to\/ken/)
  })
})

function answer(path: string): string {
  if (path.endsWith('/token')) return 'a session token'
  if (path.endsWith('/region')) return 'eu-west-1'
  if (path.endsWith('/security-credentials/')) return 'web-role\n'
  if (path.endsWith('/web-role'))
    return JSON.stringify({ AccessKeyId: 'ASIAX', SecretAccessKey: secret, Token: 'to/ken==' }, null, 2)
  return 'the tarball'
}

function authorization(request: IncomingMessage) {
  const text = request.headers.authorization ?? ''
  return {
    signed: /SignedHeaders=([^,]+)/.exec(text)?.[1]?.split(';') ?? [],
    signature: /Signature=(\w+)/.exec(text)?.[1],
    scope: /Credential=ASIAX\/([^,]+)/.exec(text)?.[1] ?? '',
  }
}

/** What S3 computes (Amazon S3 API Reference, "Authenticating Requests: Using the Authorization Header"). */
function expectedSignature(
  { method, url, headers }: IncomingMessage,
  signed: readonly string[],
  scope: string,
) {
  const lines = signed.map((name) => `${name}:${String(headers[name])}`)
  const payload = String(headers['x-amz-content-sha256'])
  const canonical = [method, url, '', ...lines, '', signed.join(';'), payload].join('\n')
  const hash = createHash('sha256').update(canonical).digest('hex')
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hash].join('\n')
  const key = scope
    .split('/')
    .reduce<string | Buffer>(
      (last, part) => createHmac('sha256', last).update(part).digest(),
      `AWS4${secret}`,
    )
  return createHmac('sha256', key).update(toSign).digest('hex')
}
