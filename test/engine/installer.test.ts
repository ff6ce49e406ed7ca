import { createHmac } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { execa } from 'execa'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { canonicalTar } from '@switchover/coordinator/publish/canonical-tar'
import { sha256, signingKeys } from './support/sig-v4.ts'
import { credentials, Store } from './support/store.ts'

const installer = fileURLToPath(new URL('../../bootstrap/install.sh', import.meta.url))
const arch = process.arch === 'arm64' ? 'arm64' : 'x64'
const store = new Store()
let directory: string
/** The version that is asked for, and what lies in the store under it. */
const version = '1.2.3+5'
let tarball: Buffer

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'switchover-installer-'))
  await store.open()
  tarball = await agentTarball('#!/bin/sh\necho v24.0.0\n')
  await store.put('prefix', version, arch, tarball)
  await store.put('a!b(c)*', version, arch, tarball)
  for (const client of ['curl', 'wget']) await toolsWith(client)
})

afterAll(async () => {
  await store.close()
  await rm(directory, { recursive: true })
})

beforeEach(async () => {
  store.allowed = { signed: true, unsigned: false }
  store.metadataEndpoint = 'enabled'
  store.role = 'web-role'
  store.redirect = null
  store.asked.length = 0
  store.metadataAsked.length = 0
  await writeFile(argumentLog(), '')
})

describe.each(['curl', 'wget'])('with %s the installer', (client) => {
  const fetchTarball = (settings: Record<string, string> = {}) => bash(client, 'fetch "$out"', settings)
  const path = `/bucket/prefix/agent/1.2.3%2B5/switchover-agent-linux-${arch}.tar.gz`
  const refused = `switchover: ${path} cannot be fetched unsigned.`

  test('fetches the agent signed by the role of the instance, and no argument list shows a secret', async () => {
    const result = await fetchTarball()
    expect(result.all).not.toContain('switchover:')
    expect(result.exitCode).toBe(0)
    expect(await readFile(join(directory, 'out'))).toEqual(tarball)
    expect(store.asked).toEqual([`signed ${path}`])

    const lists = await readFile(argumentLog(), 'utf8')
    expect(lists).toContain(path)
    expect(lists).not.toMatch(/metadata-token:|security-token|authorization/i)
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '')
    const keys = signingKeys(credentials.secretAccessKey, `${day}/eu-west-1/s3/aws4_request`)
    const secrets = [
      credentials.secretAccessKey,
      credentials.token,
      ...keys.map((key) => key.toString('hex')),
    ]
    expect(secrets.filter((secret) => lists.includes(secret))).toEqual([])
  })

  test('signs a path with characters that S3 encodes', async () => {
    const result = await fetchTarball({ SWITCHOVER_STORE: 's3://bucket/a!b(c)*/' })
    expect([result.all?.includes('switchover:'), result.exitCode]).toEqual([false, 0])
    // wget tries a spelling of its own before.
    expect(store.asked.at(-1)).toContain('signed /bucket/a%21b%28c%29%2A/agent/')
  })

  test('refused to the role, fetches it unsigned where the policy of the bucket allows that', async () => {
    store.allowed = { signed: false, unsigned: true }
    const result = await fetchTarball()
    expect(result.all).toContain(`${path} cannot be fetched with role web-role: trying it unsigned.`)
    expect(result.exitCode).toBe(0)
    expect(await readFile(join(directory, 'out'))).toEqual(tarball)
    expect(store.asked).toEqual([`signed ${path}`, `unsigned ${path}`])
  })

  test('without a role, fetches it unsigned at once', async () => {
    store.allowed = { signed: false, unsigned: true }
    store.role = null
    const result = await fetchTarball()
    expect(result.all).toContain('switchover: The instance has no role yet.')
    expect([result.exitCode, store.asked]).toEqual([0, [`unsigned ${path}`]])
  })

  test('without a token of the metadata service, asks it nothing', async () => {
    store.allowed = { signed: false, unsigned: true }
    store.metadataEndpoint = 'disabled'
    const named = await fetchTarball({ AWS_REGION: 'eu-west-1' })
    expect(named.all).toContain('switchover: The instance metadata service gives no token.')
    expect([named.exitCode, store.asked]).toEqual([0, [`unsigned ${path}`]])

    const unnamed = await fetchTarball()
    expect(unnamed.exitCode).toBe(1)
    expect(unnamed.all).toContain('switchover: Neither the settings nor the instance metadata name a Region.')
    const asked = 'PUT /latest/api/token without a token'
    expect(store.metadataAsked).toEqual([asked, asked])
  })

  test('takes its credentials to no other place that the store may name', async () => {
    store.redirect = store.imds
    const result = await fetchTarball()
    expect(result.exitCode).toBe(1)
    expect(result.all).toMatch(/answers 307|0 redirections exceeded/)
    expect(store.metadataAsked.filter((asked) => asked.includes('/bucket/'))).toEqual([])
  })

  test('refused altogether, says so and no secret', async () => {
    store.allowed = { signed: false, unsigned: false }
    const result = await fetchTarball()
    expect(result.exitCode).toBe(1)
    expect(result.all).toContain(refused.replace('/bucket', `${store.url}/bucket`))
    expect(result.all).toContain('403')
    expect(result.all).not.toMatch(/sec\/re|to\/ken|Signature=/)
  })
})

describe('the installer', () => {
  const install =
    'base=$out target=$out/agent work=$out/work wrong=${wrong:-0}; mkdir -p "$work"; install_agent'

  test('puts the agent into place once its checksum and its Node are right', async () => {
    const result = await bash('curl', install)
    expect([result.all?.includes('switchover:'), result.exitCode]).toEqual([false, 0])
    expect(await readdir(join(directory, 'out'))).toEqual(['agent', 'work'])
    expect(await readdir(join(directory, 'out', 'work'))).toEqual([])
    const run = await execa(join(directory, 'out', 'agent', 'bin', 'node'))
    expect(run.stdout).toBe('v24.0.0')
  })

  test.each([
    ['fetches it again', 0],
    ['gives up the third time', 2],
  ])('puts nothing into place where the checksum is another, and %s', async (_, before) => {
    const sum = 'a'.repeat(64)
    const result = await bash(
      'curl',
      `wrong=${before} again=; ${install} || again=yes; echo "again: $again"`,
      {
        SWITCHOVER_AGENT_SHA256_X64: sum,
        SWITCHOVER_AGENT_SHA256_ARM64: sum,
      },
    )
    const sentence = `switchover: The tarball of agent ${version} has another SHA-256 than the user-data pins; nothing was installed.`
    expect(result.all?.split('\n').slice(-2)).toContain(sentence)
    expect(result.stdout.includes('again: yes')).toBe(before === 0)
    expect(result.exitCode).toBe(before === 0 ? 0 : 1)
    expect(await readdir(join(directory, 'out'))).toEqual(['work'])
  })

  test('gives up after half an hour, however long each try takes', async () => {
    const slow = 'install_agent() { echo try; SECONDS=$((SECONDS + 600)); return 1; }; sleep() { :; }'
    const result = await bash('curl', `${slow}; base=$out; obtain_agent`)
    expect(result.exitCode).toBe(1)
    expect(result.stdout.match(/^try$/gm)).toHaveLength(3)
    expect(result.all).toMatch(/could not be fetched, giving up\.$/)
  })

  test('gives up at once where the Node it brings does not run', async () => {
    const broken = await agentTarball('#!/bin/sh\necho "libstdc++.so.6: cannot open" >&2; exit 127\n')
    await store.put('broken', version, arch, broken)
    const result = await bash('curl', install, {
      SWITCHOVER_STORE: 's3://bucket/broken',
      SWITCHOVER_AGENT_SHA256_X64: sha256(broken),
      SWITCHOVER_AGENT_SHA256_ARM64: sha256(broken),
    })
    expect(result.exitCode).toBe(78)
    expect(result.all).toContain(
      "switchover: The agent's Node does not run on this machine: libstdc++.so.6: cannot open",
    )
    expect(await readdir(join(directory, 'out'))).toEqual(['work'])
  })

  test.each([
    ['version', 'SWITCHOVER_AGENT_VERSION', /names no SWITCHOVER_AGENT_VERSION\.$/],
    ['store', 'SWITCHOVER_STORE', /names no SWITCHOVER_STORE\.$/],
    ['checksum', `SWITCHOVER_AGENT_SHA256_${arch.toUpperCase()}`, /pins no SHA-256 of an agent for/],
  ])('gives up at once where the settings have no %s', async (_, name, sentence) => {
    const result = await bash('curl', 'true', { [name]: '' })
    expect(result.exitCode).toBe(78)
    expect(result.all).toMatch(sentence)
  })

  test('computes an HMAC as Node does, of keys shorter and longer than a block', async () => {
    const texts = ['', 'aws4_request', 'a\nb\\c%d']
    const rows = [1, 31, 32, 63, 64, 65, 200].flatMap((length) =>
      texts.map((text) => ({ key: Buffer.alloc(length, '\0\\x%a\xff', 'latin1'), text })),
    )
    const calls = rows.map(({ key, text }) => `hmac ${key.toString('hex')} '${text}'`)
    const { stdout } = await execa('bash', ['-c', `. "$1"; ${calls.join('; ')}`, 'bash', installer])
    const expected = rows.map(({ key, text }) => createHmac('sha256', key).update(text).digest('hex'))
    expect(stdout.split('\n')).toEqual(expected)
  })
})

/** Runs commands after the installer's functions and the settings were read; `$out` is a path for what they make. */
async function bash(client: string, commands: string, settings: Record<string, string> = {}) {
  const file = join(directory, 'settings')
  const lines = Object.entries({
    SWITCHOVER_STORE: 's3://bucket/prefix',
    SWITCHOVER_AGENT_VERSION: version,
    SWITCHOVER_AGENT_SHA256_X64: sha256(tarball),
    SWITCHOVER_AGENT_SHA256_ARM64: sha256(tarball),
    AWS_EC2_METADATA_SERVICE_ENDPOINT: store.imds,
    AWS_ENDPOINT_URL_S3: store.url,
    ...settings,
  })
  await writeFile(file, lines.map(([name, value]) => `${name}='${value}'\n`).join(''))
  const out = join(directory, 'out')
  await rm(out, { recursive: true, force: true })
  const script = `. "$1"; out=$3; read_settings "$2"; ${commands}`
  return execa('/bin/bash', ['--norc', '-c', script, 'bash', installer, file, out], {
    env: {
      PATH: join(directory, client),
      http_proxy: 'http://127.0.0.1:1',
      no_proxy: new URL(store.url).hostname,
    },
    extendEnv: false,
    reject: false,
    all: true,
  })
}

/** A path with one of the clients, on which every program writes its argument list down before it runs. */
async function toolsWith(client: string): Promise<void> {
  const path = join(directory, client)
  await mkdir(path)
  const recorder = join(path, '.recorder')
  await writeFile(
    recorder,
    `#!/bin/bash\nPATH=/usr/bin:/bin\nprintf '%s\\n' "$0 $*" >>'${argumentLog()}'\nexec "\${0##*/}" "$@"\n`,
  )
  await chmod(recorder, 0o755)
  const tools = 'cat cut date getconf gzip id mkdir mktemp mv od rm sed sha256sum sort tar timeout tr uname'
  for (const tool of [client, ...tools.split(' ')]) await symlink(recorder, join(path, tool))
}

function argumentLog(): string {
  return join(directory, 'argument-lists')
}

async function agentTarball(node: string): Promise<Buffer> {
  const content = Buffer.from(node)
  return gzipSync(await canonicalTar([{ kind: 'file', path: 'bin/node', content, executable: true }]))
}
