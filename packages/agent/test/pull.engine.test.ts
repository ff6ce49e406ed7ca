import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import Docker from 'dockerode'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock, type Clock } from '../src/clock.ts'
import { readManifest } from '../src/aws/image-manifest.ts'
import { transferOf, type LayerSizes } from '../src/decide/layer.ts'
import { noProgress, type PullState } from '../src/decide/pull-progress.ts'
import { credentialHelpers } from '../src/engine/credential-helper.ts'
import { dockerEngine } from '../src/engine/engine.ts'
import { pullImage } from '../src/engine/pull-image.ts'
import { registryLogins, type RegistryLogins } from '../src/engine/registry-login.ts'
import { startFaultProxy, type Fault, type FaultProxy } from './support/fault-proxy.ts'
import { importImage, push, removeImages, startRegistry, type Registry } from './support/registry.ts'

/** A real engine pulls from a real registry, whose answers a proxy between them spoils. */
describe('a pull', () => {
  const docker = new Docker({ socketPath: '/var/run/docker.sock' })
  const engine = dockerEngine({ socketPath: '/var/run/docker.sock', clock: systemClock })
  let registry: Registry
  let proxy: FaultProxy
  let source: string
  let layer: { digest: string; size: number }
  let home: string
  let logins: RegistryLogins
  let state: PullState
  let stop: AbortController

  beforeAll(async () => {
    registry = await startRegistry()
    proxy = await startFaultProxy(registry.port)
    home = await mkdtemp(join(tmpdir(), 'switchover-pull-'))
  })

  afterAll(async () => {
    await proxy.stop()
    await registry.stop()
    await rm(home, { recursive: true, force: true })
  })

  beforeEach(async () => {
    // Each test has an image of its own: the engine remembers manifests.
    const name = `127.0.0.1:${registry.port}/web`
    await importImage(docker, `${name}:v1`, { random: 3_000_000 })
    const digest = await push(docker, `${name}:v1`)
    await removeImages(docker, [name])
    source = `127.0.0.1:${proxy.port}/web@${digest}`
    layer = await onlyLayer(`http://127.0.0.1:${registry.port}/v2/web/manifests/${digest}`)
    proxy.fault = () => null
    proxy.seen.length = 0
    state = noProgress
    stop = new AbortController()
    const env = { PATH: `${home}${delimiter}/usr/bin${delimiter}/bin`, HOME: home }
    logins = registryLogins({
      clock: systemClock,
      dockerConfig: home,
      client: () => {
        throw new Error('This registry is not ECR.')
      },
      helpers: credentialHelpers({ clock: systemClock, env }),
    })
  })
  afterEach(() => removeImages(docker, [source.slice(0, source.indexOf('@'))]))

  const pull = async (clock: Clock = systemClock, sizes: LayerSizes | null = null) => {
    const login = await logins.for(source)
    await pullImage({ engine, logins, clock }, source, {
      login,
      sizes,
      signal: stop.signal,
      seen: (seen) => {
        state = seen
      },
    })
  }
  const isHere = async () =>
    (await docker.listImages({ digests: true })).some(({ RepoDigests }) => RepoDigests?.includes(source))
  const transfer = () => transferOf(state.layers.values())
  test('is accounted to the byte', async () => {
    await pull()
    expect(transfer()).toEqual({ downloaded: layer.size, unpacked: layer.size, total: layer.size })
    expect(state.ended).toBe(true)
    expect(await isHere()).toBe(true)
  })

  test('whose manifest was read beforehand knows its size before a byte has come', async () => {
    proxy.fault = ofBlob(layer.digest, { hangAfter: 0 })
    const found = readManifest({ layers: [layer] }, 'amd64')
    const ended = pull(systemClock, found?.kind === 'layers' ? found.sizes : null).catch(() => undefined)
    await expect.poll(() => transfer()).toEqual({ downloaded: 0, unpacked: 0, total: layer.size })
    stop.abort()
    await ended
  })

  test('that is cut inside a layer goes on by itself', async () => {
    proxy.fault = once(ofBlob(layer.digest, { cutAfter: 1_000_000 }))
    await pull()
    expect(transfer()).toMatchObject({ downloaded: layer.size, total: layer.size })
    expect(await isHere()).toBe(true)
    expect(proxy.seen.filter((request) => request.endsWith(layer.digest))).toHaveLength(2)
  })

  test('that is ended half-way leaves nothing, and the next one brings it', async () => {
    proxy.fault = ofBlob(layer.digest, { hangAfter: 1_000_000 })
    const ended = pull().catch((error: unknown) => error)
    await expect.poll(() => transfer()).toMatchObject({ total: layer.size })
    stop.abort()
    expect(await ended).toMatchObject({ reason: { code: 'pull-failed', kind: 'retryable' } })
    expect(await isHere()).toBe(false)
    proxy.fault = () => null
    stop = new AbortController()
    await pull()
    expect(await isHere()).toBe(true)
  })

  test('in which nothing moves is given up, and begun again', async () => {
    proxy.fault = ofBlob(layer.digest, { hangAfter: 1_000_000 })
    let late = 0
    const clock: Clock = { ...systemClock, now: () => Date.now() + late }
    const stuck = pull(clock).catch((error: unknown) => error)
    await expect.poll(() => transfer()).toMatchObject({ total: layer.size })
    late = 121_000
    expect(String(await stuck)).toMatch(/no progress for 1\d\d s/)
    proxy.fault = () => null
    await pull()
    expect(await isHere()).toBe(true)
  })

  test.each<[string, () => Fault, string, string, number | null]>([
    ['429', () => errors(429, 'TOOMANYREQUESTS'), 'registry-throttled', 'retryable', null],
    ['500', () => ({ status: 500 }), 'pull-failed', 'retryable', null],
    ['503', () => errors(503, 'UNAVAILABLE'), 'pull-failed', 'retryable', null],
    ['401', () => errors(401, 'UNAUTHORIZED'), 'registry-login', 'retryable', null],
    ['403', () => errors(403, 'DENIED'), 'image-denied', 'retryable', 3],
    ['404', () => errors(404, 'MANIFEST_UNKNOWN'), 'image-not-found', 'terminal', 1],
  ])(
    'that is answered %s once says so, and the next one brings the image',
    async (_, fault, code, kind, after) => {
      proxy.fault = ofManifest(fault())
      await expect(pull()).rejects.toMatchObject({ reason: { code, kind }, terminalAfter: after })
      proxy.fault = () => null
      await pull()
      expect(await isHere()).toBe(true)
    },
  )

  describe('with a login', () => {
    const asking: Fault = { status: 401, headers: { 'www-authenticate': 'Basic realm="test"' } }
    const withPassword = (password: string) => (request: IncomingMessage) => {
      const right = `Basic ${Buffer.from(`me:${password}`).toString('base64')}`
      return request.headers.authorization === right ? null : asking
    }
    let host: string

    beforeEach(async () => {
      host = `127.0.0.1:${proxy.port}`
      await writeFile(
        join(home, 'docker-credential-test'),
        '#!/bin/sh\nread -r host\necho "{\\"Username\\":\\"$(cat "$HOME/user")\\",\\"Secret\\":\\"$(cat "$HOME/secret")\\"}"\n',
      )
      await chmod(join(home, 'docker-credential-test'), 0o755)
      await writeFile(join(home, 'config.json'), JSON.stringify({ credHelpers: { [host]: 'test' } }))
      await writeFile(join(home, 'user'), 'me')
    })
    afterEach(() => rm(join(home, 'config.json')))

    test('of a credential helper, which has a new one when the first has expired', async () => {
      proxy.fault = withPassword('new')
      await writeFile(join(home, 'secret'), 'old')
      const failure: unknown = await pull().catch((error: unknown) => error)
      expect(failure).toMatchObject({ reason: { code: 'registry-login', kind: 'retryable' } })
      await writeFile(join(home, 'secret'), 'new')
      await pull()
      expect(await isHere()).toBe(true)
    })

    test('that is an identity token, changed for an access token', async () => {
      await writeFile(join(home, 'user'), '<token>')
      await writeFile(join(home, 'secret'), 'IDENTITY')
      const challenge = `Bearer realm="http://${host}/token",service="test"`
      proxy.fault = (request) => {
        if (request.url?.startsWith('/token') === true)
          return {
            status: 200,
            headers: { 'content-type': 'application/json' },
            body: '{"access_token":"T"}',
          }
        if (request.headers.authorization === 'Bearer T') return null
        return { status: 401, headers: { 'www-authenticate': challenge } }
      }
      await pull()
      expect(await isHere()).toBe(true)
      // Who has but a password asks with GET.
      expect(proxy.seen).toContain('POST /token')
    })
  })
})

type Rule = FaultProxy['fault']

function ofBlob(digest: string, fault: Fault): Rule {
  return ({ url }) => (url?.endsWith(`/blobs/${digest}`) === true ? fault : null)
}

function ofManifest(fault: Fault): Rule {
  return ({ url }) => (url?.includes('/manifests/') === true ? fault : null)
}

/** A rule for the first request it has a fault for. */
function once(rule: Rule): Rule {
  let spent = false
  return (request) => {
    const fault = spent ? null : rule(request)
    spent ||= fault !== null
    return fault
  }
}

/** As registries write it (OCI distribution spec, "Error Codes"). */
function errors(status: number, code: string): Fault {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ errors: [{ code, message: `${code} said the test` }] }),
  }
}

async function onlyLayer(url: string): Promise<{ digest: string; size: number }> {
  const accept = 'application/vnd.docker.distribution.manifest.v2+json'
  const answer = await fetch(url, { headers: { accept } })
  const { layers } = (await answer.json()) as { layers: { digest: string; size: number }[] }
  const [layer] = layers
  if (layer === undefined || layers.length > 1) throw new Error('The image of this test has one layer.')
  return layer
}
