import Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../src/clock.ts'
import type { Plan } from '../src/decide/observation.ts'
import { roomOf } from '../src/disk.ts'
import { makeRoom } from '../src/engine/make-room.ts'
import { dockerEngine } from '../src/engine/engine.ts'
import { pullImage } from '../src/engine/pull-image.ts'
import { importImage, push, removeImages, startRegistry, type Registry } from './support/registry.ts'
import { startSmallEngine, type SmallEngine } from './support/small-engine.ts'

const diskBytes = 330e6
/** Fits on the disk while nothing else does. */
const imageBytes = 275e6

/** A real engine whose disk a test fills. */
describe('a disk that is full', () => {
  const host = new Docker({ socketPath: '/var/run/docker.sock' })
  const signal = new AbortController().signal
  const said: string[] = []
  const log = {
    info: (text: string) => said.push(text),
    warn: (text: string) => said.push(text),
    error: () => 0,
  }
  let small: SmallEngine
  let registry: Registry
  let plan: Plan

  beforeAll(async () => {
    registry = await startRegistry()
    const repository = `127.0.0.1:${registry.port}/web`
    await importImage(host, `${repository}:v1`, { zeros: imageBytes })
    const digest = await push(host, `${repository}:v1`)
    await removeImages(host, [repository])
    small = await startSmallEngine(diskBytes, registry)
    plan = {
      directory: '/nowhere',
      composeFile: '/nowhere/compose.yaml',
      settings: { port: 8_090, drain: 0, checks: { interval: 30_000, threshold: 2 }, parked: { stop: [] } },
      pinned: [{ service: 'web', repository, source: `${repository}@${digest}`, digest }],
      sidecars: [],
      services: ['web'],
    }
  })
  afterAll(async () => {
    await small.stop()
    await registry.stop()
  })

  const source = () => plan.pinned[0]?.source ?? ''
  const engine = () => dockerEngine({ socketPath: small.socketPath, clock: systemClock })
  const look = () =>
    makeRoom(
      { engine: engine(), room: roomOf, log },
      plan,
      { source: source(), size: null, crowded: null, history: { replaced: new Map(), pulled: new Set() } },
      signal,
    )
  const pull = () =>
    pullImage(
      {
        engine: engine(),
        logins: { for: () => Promise.resolve(null), forget: () => undefined },
        clock: systemClock,
      },
      source(),
      { login: null, sizes: null, signal, seen: () => undefined },
    )

  test('is seen before a pull, and older images go first', async () => {
    const [{ repository } = { repository: '' }] = plan.pinned
    for (const version of ['v1', 'v2']) await importImage(small.docker, `${repository}:${version}`)
    await small.docker.getImage(`${repository}:v1`).tag({ repo: repository, tag: 'live' })
    await small.leave(100e6)
    const sentence =
      /in \/.*\/data: (9\d|10\d) MB and \d+ inodes are free, 256 MB and 10000 inodes are needed/
    await expect(look()).rejects.toMatchObject({
      reason: { code: 'disk-full', kind: 'retryable', sentence: expect.stringMatching(sentence) as string },
    })
    const names = (await engine().images()).flatMap((image) => image.names)
    expect(names.toSorted()).toEqual([`${repository}:live`, `${repository}:v1`])
    expect(said).toEqual([expect.stringContaining(`Removed ${repository}:v2, `)])
  })

  test('while it is filled is named by what the engine says, and the pull comes when there is room', async () => {
    await small.leave(262e6)
    await look()
    await expect(pull()).rejects.toMatchObject({
      reason: {
        code: 'disk-full',
        kind: 'retryable',
        sentence: expect.stringContaining('no space left') as string,
      },
      terminalAfter: null,
    })
    await small.leave(diskBytes - 20e6)
    await look()
    await pull()
    expect((await engine().images()).flatMap((image) => image.names)).toContain(source())
  })
})
