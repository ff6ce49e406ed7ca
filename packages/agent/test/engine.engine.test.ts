import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Docker from 'dockerode'
import { pack } from 'tar-stream'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../src/clock.ts'
import type { Plan } from '../src/decide/observation.ts'
import { dockerEngine, type Engine } from '../src/engine/engine.ts'
import { pullImage } from '../src/engine/pull-image.ts'
import { registryLogins } from '../src/engine/registry-login.ts'

/** A real engine and a real registry; the image is the distribution's static busybox, or nothing but a file. */
describe('the engine', () => {
  const socketPath = '/var/run/docker.sock'
  const docker = new Docker({ socketPath })
  let directory: string
  let registry: ChildProcess
  let repository: string
  let engine: Engine
  let digest: string
  const project = `switchover-test-${process.pid}`
  const signal = new AbortController().signal
  const logins = registryLogins({
    clock: systemClock,
    dockerConfig: '/nowhere',
    client: () => {
      throw new Error('This registry is not ECR.')
    },
  })
  const pull = (source: string) =>
    pullImage({ engine, logins, clock: systemClock }, source, signal, () => undefined)

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'switchover-registry-'))
    const port = await freePort()
    const config = join(directory, 'config.yml')
    const storage = join(directory, 'storage')
    await writeFile(
      config,
      `version: 0.1\nstorage: { filesystem: { rootdirectory: ${storage} } }\nhttp: { addr: "127.0.0.1:${port}" }\n`,
    )
    registry = spawn('docker-registry', ['serve', config], { stdio: 'ignore' })
    repository = `127.0.0.1:${port}/web`
    engine = dockerEngine({ socketPath, clock: systemClock })
    await answers(`http://127.0.0.1:${port}/v2/`)
    await importImage(docker, `${repository}:v1`)
    digest = await push(docker, `${repository}:v1`)
    await docker.getImage(`${repository}:v1`).remove()
  }, 60_000)

  afterAll(async () => {
    const containers = await docker.listContainers({
      all: true,
      filters: { label: [`com.docker.compose.project=${project}`] },
    })
    for (const { Id } of containers) await docker.getContainer(Id).remove({ force: true })
    for (const image of await docker.listImages()) {
      const names = [...(image.RepoTags ?? []), ...(image.RepoDigests ?? [])]
      if (names.some((name) => name.startsWith(repository)))
        await docker.getImage(image.Id).remove({ force: true })
    }
    const ended = new Promise((resolve) => registry.once('exit', resolve))
    if (registry.exitCode === null) {
      registry.kill()
      await ended
    }
    await rm(directory, { recursive: true, force: true })
  }, 60_000)

  const planOf = (source: string): Plan => ({
    directory,
    composeFile: join(directory, 'compose.yaml'),
    settings: { port: 8_090, drain: 0, checks: { interval: 30_000, threshold: 2 }, parked: { stop: [] } },
    pinned: [{ service: 'web', repository, source, digest }],
    sidecars: [],
    services: ['web'],
  })

  test('pulls by digest, names the image, and sees container and name as one image', async () => {
    const source = `${repository}@${digest}`
    const plan = planOf(source)
    expect((await engine.view(project, plan)).images.get(source)).toMatchObject({
      sourceId: null,
      namedId: null,
    })

    await pull(source)
    const pulled = (await engine.view(project, plan)).images.get(source)
    expect(pulled?.sourceDigests).toContain(source)
    expect(pulled?.namedId).toBeNull()

    await engine.tag(source, `${repository}:live`)
    await engine.tag(source, `${repository}:live`)
    const container = await docker.createContainer({
      Image: `${repository}:live`,
      Labels: { 'com.docker.compose.project': project, 'com.docker.compose.service': 'web' },
      HostConfig: { RestartPolicy: { Name: 'unless-stopped' } },
    })
    await container.start()
    const view = await engine.view(project, plan)
    const image = view.images.get(source)
    expect(image?.namedId).toBe(image?.sourceId)
    expect(image?.architecture).toBe(view.architecture)
    expect(view.containers).toMatchObject([
      { service: 'web', imageId: image?.sourceId, state: 'running', health: 'none', oneShot: false },
    ])
    await expect.poll(() => engine.logs(container.id, 10), { timeout: 10_000 }).toEqual(['hello'])
  })

  test.each([
    [
      'a digest the registry does not have',
      () => `${repository}@sha256:${'0'.repeat(64)}`,
      'image-not-found',
    ],
    ['a repository it does not have', () => `${repository}-missing:v1`, 'image-not-found'],
    ['a registry that is not there', () => '127.0.0.1:9/web:v1', 'pull-failed'],
  ])('names what is wrong: %s', async (_, source, code) => {
    await expect(pull(source())).rejects.toMatchObject({ reason: { code } })
  })
})

async function importImage(docker: Docker, name: string): Promise<void> {
  const tar = pack()
  tar.entry({ name: 'bin/busybox', mode: 0o755 }, await readFile('/bin/busybox'))
  tar.finalize()
  const [repo, tag] = [name.slice(0, name.lastIndexOf(':')), name.slice(name.lastIndexOf(':') + 1)]
  const parts: Uint8Array[] = []
  for await (const part of tar) parts.push(part as Uint8Array)
  const command = 'CMD ["/bin/busybox","sh","-c","echo hello; exec /bin/busybox sleep 600"]'
  const file = join(await mkdtemp(join(tmpdir(), 'switchover-image-')), 'image.tar')
  await writeFile(file, Buffer.concat(parts))
  const body = await docker.importImage(file, { repo, tag, changes: command })
  for await (const chunk of body) String(chunk)
  await rm(join(file, '..'), { recursive: true })
}

async function push(docker: Docker, name: string): Promise<string> {
  const body = await docker.getImage(name).push({ authconfig: {} })
  let text = ''
  for await (const chunk of body) text += String(chunk)
  const digest = /"Digest":"(sha256:[0-9a-f]{64})"/.exec(text)?.[1]
  if (digest === undefined) throw new Error(`The push says no digest: ${text}`)
  return digest
}

async function answers(url: string): Promise<void> {
  await vi.waitFor(async () => expect((await fetch(url)).status).toBe(200), { timeout: 20_000 })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
