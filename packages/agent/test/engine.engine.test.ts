import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../src/clock.ts'
import type { Plan } from '../src/decide/observation.ts'
import { dockerEngine, type Engine } from '../src/engine/engine.ts'
import { pullImage } from '../src/engine/pull-image.ts'
import { registryLogins } from '../src/engine/registry-login.ts'
import { importImage, push, removeImages, startRegistry, type Registry } from './support/registry.ts'

/** A real engine and a real registry; the image is the distribution's static busybox, or nothing but a file. */
describe('the engine', () => {
  const socketPath = '/var/run/docker.sock'
  const docker = new Docker({ socketPath })
  let directory: string
  let registry: Registry
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
    helpers: () => Promise.reject(new Error('Nothing names a helper.')),
  })
  const pull = (source: string) =>
    pullImage({ engine, logins, clock: systemClock }, source, {
      login: null,
      sizes: null,
      signal,
      seen: () => undefined,
    })

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'switchover-engine-'))
    registry = await startRegistry()
    repository = `127.0.0.1:${registry.port}/web`
    engine = dockerEngine({ socketPath, clock: systemClock })
    await importImage(docker, `${repository}:v1`)
    digest = await push(docker, `${repository}:v1`)
    await docker.getImage(`${repository}:v1`).remove()
  })

  afterAll(async () => {
    const containers = await docker.listContainers({
      all: true,
      filters: { label: [`com.docker.compose.project=${project}`] },
    })
    for (const { Id } of containers) await docker.getContainer(Id).remove({ force: true })
    await removeImages(docker, [repository])
    await registry.stop()
    await rm(directory, { recursive: true, force: true })
  })

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
    await expect.poll(() => engine.logs(container.id, 10)).toEqual(['hello'])
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
