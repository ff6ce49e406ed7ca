import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../src/clock.ts'
import type { Plan } from '../src/decide/observation.ts'
import { roomOf } from '../src/disk.ts'
import { dockerEngine } from '../src/engine/engine.ts'
import { removeOldImages } from '../src/engine/make-room.ts'
import { importImage, push, type Registry, removeImages, startRegistry } from './support/registry.ts'

/** Images of a real engine; those of the service are of a registry that does not exist. */
describe('older images', () => {
  const docker = new Docker({ socketPath: '/var/run/docker.sock' })
  const engine = dockerEngine({ socketPath: '/var/run/docker.sock', clock: systemClock })
  const repository = `127.0.0.1:9/switchover-old-${process.pid}`
  let registry: Registry
  /** Of a sidecar, each under the same tag, oldest first. */
  const digests: string[] = []
  const said: string[] = []
  const log = {
    info: (text: string) => said.push(text),
    warn: (text: string) => said.push(text),
    error: () => 0,
  }
  const plan = (): Plan => ({
    directory: '/nowhere',
    composeFile: '/nowhere/compose.yaml',
    settings: { port: 8_090, drain: 0, checks: { interval: 30_000, threshold: 2 }, parked: { stop: [] } },
    pinned: [{ service: 'web', repository, source: `${repository}:v5`, digest: null }],
    sidecars: [{ service: 'cache', image: `${cache()}:7`, source: `${cache()}@${digests.at(-1)}` }],
    services: ['web', 'cache'],
  })
  /** Another agent pulled the first of the sidecar's images, for another service. */
  const history = () => ({
    replaced: new Map(),
    pulled: new Set(digests.slice(1).map((digest) => `${cache()}@${digest}`)),
  })
  const cache = () => `127.0.0.1:${registry.port}/cache`
  let container: Docker.Container

  beforeAll(async () => {
    registry = await startRegistry()
    for (const bytes of [1_000, 1_001, 1_002, 1_003]) {
      await importImage(docker, `${cache()}:7`, { random: bytes })
      digests.push(await push(docker, `${cache()}:7`))
    }
    for (const version of ['v1', 'v2', 'v3', 'v4', 'v5'])
      await importImage(docker, `${repository}:${version}`, { random: 1_000 })
    await docker.getImage(`${repository}:v1`).tag({ repo: `${repository}-kept`, tag: 'v1' })
    await docker.getImage(`${repository}:v3`).tag({ repo: repository, tag: 'live' })
    container = await docker.createContainer({ Image: `${repository}:v2` })
  })
  afterAll(async () => {
    await container.remove({ force: true })
    await removeImages(docker, [repository, cache()])
    await registry.stop()
  })

  const names = async () =>
    (await engine.images())
      .flatMap((image) => image.names)
      .filter((name) => name.startsWith(repository) || name.startsWith(cache()))
      .toSorted()

  test('are removed, but for the previous one, those of containers and those somebody else has named', async () => {
    await removeOldImages({ engine, log }, plan(), history(), new AbortController().signal)
    const left = await names()
    const kept = ['-kept:v1', ':live', ':v1', ':v2', ':v3', ':v5'].map((name) => `${repository}${name}`)
    const [foreign = '', ...pulled] = digests.map((digest) => `${cache()}@${digest}`)
    const [current = '', ...earlier] = pulled.toReversed()
    // Both may be of the same second.
    const previous = earlier.filter((name) => left.includes(name))
    expect(previous).toHaveLength(1)
    expect(left).toEqual([...kept, `${cache()}:7`, foreign, current, ...previous].toSorted())
    const removed = earlier.find((name) => !left.includes(name))
    expect(said.toSorted()).toEqual([
      expect.stringContaining(`Removed ${removed}, `),
      expect.stringMatching(/^Removed 127\.0\.0\.1:9\/.*:v4, .*B: an older image of this service\.$/),
    ])

    await removeOldImages({ engine, log }, plan(), history(), new AbortController().signal)
    expect(await names()).toEqual(left)
  })

  test('keep their last name while a container is made of them', async () => {
    expect(await engine.removeName(`${repository}:v2`, new AbortController().signal)).toBe(false)
    expect(await names()).toContain(`${repository}:v2`)
    expect(await engine.removeName(`${repository}:never`, new AbortController().signal)).toBe(true)
  })

  test('lie where the engine says, and what is left there is what df says', async () => {
    const directory = await engine.dataDirectory()
    const columns = 'size,avail,itotal'
    const { stdout } = await promisify(execFile)('df', ['-B1', `--output=${columns}`, directory])
    const [size, avail, itotal] = (stdout.trim().split('\n')[1] ?? '').trim().split(/\s+/).map(Number)
    const room = await roomOf(directory)
    expect([room.totalBytes, room.totalInodes]).toEqual([size, itotal || 0])
    // Others write there meanwhile.
    expect(Math.abs(room.freeBytes - (avail ?? 0))).toBeLessThan(Math.max(1e9, (avail ?? 0) / 10))
  })
})
