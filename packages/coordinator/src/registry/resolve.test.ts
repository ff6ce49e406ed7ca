import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { ECRClient } from '@aws-sdk/client-ecr'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Refusal } from '../events.ts'
import { sha256 } from './manifest.ts'
import { resolveImage } from './resolve.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

const indexJson = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: [
    { platform: { os: 'linux', architecture: 'arm64' } },
    { platform: { os: 'linux', architecture: 'amd64' } },
    { platform: { os: 'unknown', architecture: 'unknown' } },
    { platform: { os: 'windows', architecture: 'amd64' } },
  ],
})
const configJson = JSON.stringify({ os: 'linux', architecture: 'amd64' })
const imageJson = JSON.stringify({ schemaVersion: 2, config: { digest: sha256(configJson) } })
const contents = new Map([
  ['/v2/team/web/manifests/v1', indexJson],
  [`/v2/team/web/manifests/${sha256(indexJson)}`, indexJson],
  ['/v2/team/web/manifests/single', imageJson],
  [`/v2/team/web/blobs/${sha256(configJson)}`, configJson],
])

const serve: Handler = (request, response) => {
  const body = contents.get(request.url ?? '')
  response.writeHead(body === undefined ? 404 : 200).end(body)
}

let server: Server
let handler: Handler
let host: string
let home: string
let path: string | undefined

beforeEach(async () => {
  handler = serve
  server = createServer((request, response) => handler(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  home = await mkdtemp(join(tmpdir(), 'docker-config-'))
  path = process.env['PATH']
})

afterEach(async () => {
  process.env['PATH'] = path
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(home, { recursive: true })
})

async function resolve(reference: string, repository = `${host}/team/web`) {
  const ecr = new ECRClient({ region: 'eu-west-1' })
  return await resolveImage({ ecr, dockerConfig: home, insecureRegistries: [] }, repository, reference)
}

async function dockerConfig(config: unknown): Promise<void> {
  await writeFile(join(home, 'config.json'), JSON.stringify(config))
}

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`

describe('what the registry answers', () => {
  test('an index stays an index, without attestations and other systems', async () => {
    expect(await resolve('v1')).toEqual({ digest: sha256(indexJson), architectures: ['amd64', 'arm64'] })
  })

  test('a single image says its architecture in its config', async () => {
    expect(await resolve('single')).toEqual({ digest: sha256(imageJson), architectures: ['amd64'] })
  })

  test('a digest is looked up as it is', async () => {
    expect((await resolve(sha256(indexJson))).digest).toBe(sha256(indexJson))
  })

  test('a missing image is named in one sentence', async () => {
    const refusal = await resolve('v9').catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(Refusal)
    expect(refusal).toMatchObject({
      exitCode: 2,
      message: `The image ${host}/team/web:v9 is not in its registry.`,
    })
  })

  test('bytes under another digest are refused', async () => {
    contents.set('/v2/team/web/manifests/sha256:' + '0'.repeat(64), indexJson)
    await expect(resolve('sha256:' + '0'.repeat(64))).rejects.toThrow('do not match')
  })

  test('an endless answer is cut', async () => {
    handler = (_, response) => {
      const chunk = Buffer.alloc(1024 * 1024)
      const push = () => {
        while (!response.destroyed && response.write(chunk));
      }
      response.on('drain', push)
      push()
    }
    await expect(resolve('v1')).rejects.toThrow('more than 4194304 bytes')
  })

  test('a registry that is down is named in one sentence', async () => {
    server.closeAllConnections()
    const port = host
    await new Promise((done) => server.close(done))
    await expect(resolve('v1')).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining(`The registry ${port} could not be reached: connect ECONNREFUSED`),
    })
    server.listen(0)
  })
})

/** Another host: what is sent to it, and a server that answers as `answer` says. */
async function elsewhere(
  answer: Handler,
): Promise<{ at: string; seen: IncomingMessage[]; close: () => void }> {
  const seen: IncomingMessage[] = []
  const other = createServer((request, response) => {
    seen.push(request)
    answer(request, response)
  })
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  // Another port is another origin to a client.
  return { at: `http://127.0.0.1:${port}`, seen, close: () => void other.close() }
}

const failing =
  (path: RegExp, status: number): Handler =>
  (request, response) => {
    if (path.test(request.url ?? '')) response.writeHead(status).end()
    else serve(request, response)
  }

describe('a registry that is out of order', () => {
  test.each([
    [429, 'manifests', 1],
    [500, 'manifests', 1],
    [503, 'blobs', 1],
    [400, 'manifests', 2],
    [403, 'blobs', 2],
  ])('%s for %s ends with %s', async (status, what, exitCode) => {
    handler = failing(new RegExp(`/${what}/`), status)
    const message = expect.stringContaining(host)
    await expect(resolve('single')).rejects.toMatchObject({ exitCode, message })
  })

  test('an answer that breaks off may heal', async () => {
    handler = (_, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{')
      setImmediate(() => response.destroy())
    }
    await expect(resolve('v1')).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('broke off'),
    })
  })

  test('a login that answers 500 may heal', async () => {
    handler = (request, response) => {
      if (request.url?.startsWith('/token')) response.writeHead(500).end()
      else response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${host}/token"` }).end()
    }
    await expect(resolve('v1')).rejects.toMatchObject({
      exitCode: 1,
      message: `${host} answered 500 for a login: try again later.`,
    })
  })
})

describe('redirects', () => {
  test('a blob kept elsewhere is fetched from there, without the login', async () => {
    const other = await elsewhere((_, response) => response.end(configJson))
    await dockerConfig({ auths: { [host]: { auth: Buffer.from('me:secret').toString('base64') } } })
    handler = (request, response) => {
      if (request.headers.authorization !== basic('me:secret'))
        response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end()
      else if (request.url?.includes('/blobs/'))
        response.writeHead(307, { location: `${other.at}/layer` }).end()
      else serve(request, response)
    }
    expect((await resolve('single')).architectures).toEqual(['amd64'])
    expect(other.seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/layer', undefined],
    ])
    other.close()
  })

  test('an identity token is not sent on', async () => {
    const other = await elsewhere((_, response) => response.end(JSON.stringify({ access_token: 'T' })))
    await dockerConfig({ auths: { [host]: { identitytoken: 'secret-identity' } } })
    handler = (request, response) => {
      if (request.url === '/token') response.writeHead(307, { location: `${other.at}/token` }).end()
      else response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${host}/token"` }).end()
    }
    const refusal = await resolve('v1').catch((error: unknown) => error)
    expect(refusal).toMatchObject({ exitCode: 1 })
    expect(String(refusal)).not.toContain('secret-identity')
    expect(other.seen).toEqual([])
    other.close()
  })

  test('without end are given up', async () => {
    handler = (request, response) => response.writeHead(302, { location: request.url }).end()
    await expect(resolve('v1')).rejects.toMatchObject({ exitCode: 1 })
  })
})

function withTokens(pair: string | null, realm = '/token'): string[] {
  const asked: string[] = []
  handler = (request, response) => {
    const { pathname, search } = new URL(request.url ?? '', `http://${host}`)
    if (pathname === '/token') {
      asked.push(`${request.method} ${search}`)
      const right = pair === null || request.headers.authorization === basic(pair)
      response.writeHead(right ? 200 : 401).end(JSON.stringify({ token: 'T' }))
    } else if (request.headers.authorization === 'Bearer T') serve(request, response)
    else {
      const challenge = `Bearer realm="http://${host}${realm}",service="reg",scope="repository:team/web:pull"`
      response.writeHead(401, { 'www-authenticate': challenge }).end()
    }
  }
  return asked
}

function withBasic(pair: string): void {
  handler = (request, response) => {
    if (request.headers.authorization === basic(pair)) serve(request, response)
    else response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end()
  }
}

async function helper(script: string): Promise<void> {
  const file = join(home, 'docker-credential-mine')
  await writeFile(file, `#!/bin/sh\n${script}\n`)
  await chmod(file, 0o755)
  process.env['PATH'] = `${home}${delimiter}${path}`
  await dockerConfig({ credHelpers: { [host]: 'mine' } })
}

describe('login', () => {
  test('an anonymous token where nothing is configured', async () => {
    const asked = withTokens(null)
    expect((await resolve('single')).architectures).toEqual(['amd64'])
    expect(asked).toEqual(['GET ?service=reg&scope=repository%3Ateam%2Fweb%3Apull'])
  })

  test('a token for the user of docker login', async () => {
    withTokens('me:pass:word')
    await dockerConfig({ auths: { [host]: { auth: Buffer.from('me:pass:word').toString('base64') } } })
    expect((await resolve('v1')).digest).toBe(sha256(indexJson))
  })

  test('a refused login names the command that helps, and no secret', async () => {
    withTokens('me:right')
    await dockerConfig({ auths: { [host]: { auth: Buffer.from('me:wrong').toString('base64') } } })
    const refusal = await resolve('v1').catch((error: unknown) => error)
    expect(refusal).toMatchObject({ exitCode: 2, next: `docker login ${host}` })
    expect(String(refusal)).not.toContain('wrong')
  })

  test('an identity token is changed for an access token', async () => {
    handler = (request, response) => {
      if (request.url === '/token') {
        let body = ''
        request.on('data', (chunk: Buffer) => (body += chunk.toString()))
        request.on('end', () => {
          const right = new URLSearchParams(body).get('refresh_token') === 'ID'
          response.writeHead(right ? 200 : 401).end(JSON.stringify({ access_token: 'T' }))
        })
      } else if (request.headers.authorization === 'Bearer T') serve(request, response)
      else response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${host}/token"` }).end()
    }
    await dockerConfig({ auths: { [host]: { identitytoken: 'ID' } } })
    expect((await resolve('v1')).digest).toBe(sha256(indexJson))
  })

  test('Basic, with what a credential helper says', async () => {
    withBasic('me:secret')
    await helper(`read server; test "$server" = "${host}" && echo '{"Username":"me","Secret":"secret"}'`)
    expect((await resolve('v1')).digest).toBe(sha256(indexJson))
  })

  test('a helper that knows nothing leaves us anonymous', async () => {
    await helper('echo "credentials not found in native keychain"; exit 1')
    withBasic('me:secret')
    await expect(resolve('v1')).rejects.toThrow('log in first')
  })

  test('a helper that fails is named, its output is not', async () => {
    await helper('echo my-secret; exit 1')
    withBasic('me:secret')
    const refusal = await resolve('v1').catch((error: unknown) => error)
    expect(refusal).toMatchObject({
      message: `The credential helper docker-credential-mine failed for ${host}.`,
    })
  })

  test('a login address with a login in it is not used, nor told', async () => {
    handler = (_, response) =>
      response.writeHead(401, { 'www-authenticate': `Bearer realm="http://u:hidden@${host}/token"` }).end()
    const refusal = await resolve('v1').catch((error: unknown) => error)
    expect(refusal).toMatchObject({ exitCode: 2, next: `docker login ${host}` })
    expect(String(refusal)).not.toContain('hidden')
  })

  test('a login is never sent over plain HTTP to another machine', async () => {
    handler = (_, response) =>
      response.writeHead(401, { 'www-authenticate': 'Bearer realm="http://192.0.2.1/token"' }).end()
    await expect(resolve('v1')).rejects.toThrow('plain HTTP at 192.0.2.1')
  })
})
