import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { digest, wanted } from './decide/fixture.ts'
import { adopt, freshKnowledge } from './knowledge.ts'
import { loadState, saveState, type SavedState } from './state.ts'

const asIs = (wallMs: number): number => wallMs

const identity = { instanceId: 'i-0123456789abcdef0', region: 'us-east-1' }
const state: SavedState = {
  schema: 1,
  identity,
  bootId: 'boot-1',
  verified: {
    wanted,
    images: [{ service: 'web', repository: 'registry.example/web', digest, imageId: 'sha256:1' }],
    bootId: 'boot-1',
  },
  parkedSince: 5,
  pooling: false,
  pulled: ['redis@sha256:7'],
}

describe('the saved state', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'switchover-state-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  test('comes back as it was, and leaves one file', async () => {
    await saveState(directory, { ...state, parkedSince: null })
    await saveState(directory, state)
    expect(await loadState(directory)).toEqual(state)
    expect(await readdir(directory)).toEqual(['state.json'])
  })

  test('of an earlier agent can be read', async () => {
    const earlier = { ...state, pooling: undefined, pulled: undefined }
    await writeFile(join(directory, 'state.json'), JSON.stringify(earlier))
    expect(await loadState(directory)).toEqual({ ...state, pulled: [] })
  })

  test.each(['', '{"schema":1', '{"schema":2}', 'null'])('%j is no state', async (text) => {
    await writeFile(join(directory, 'state.json'), text)
    expect(await loadState(directory)).toBeNull()
  })

  test('is not there on a new machine', async () => {
    expect(await loadState(join(directory, 'missing'))).toBeNull()
  })
})

describe('what a restart takes over', () => {
  test('in the same boot: the version, its images, and that it was ready', () => {
    const knowledge = freshKnowledge(state)
    adopt(knowledge, identity, 'boot-1', asIs)
    expect(knowledge).toMatchObject({
      wanted: { version: 'v1' },
      recorded: state.verified?.images,
      everReady: true,
      parking: { since: 5 },
      pulled: new Set(['redis@sha256:7']),
    })
  })

  test('after a reboot: the version and its images, but nothing of being ready', () => {
    const knowledge = freshKnowledge(state)
    adopt(knowledge, identity, 'boot-2', asIs)
    expect(knowledge).toMatchObject({ wanted: { version: 'v1' }, everReady: false })
    expect(knowledge.health.healthy).toBe(false)
  })

  test('on another instance: nothing', () => {
    const knowledge = freshKnowledge(state)
    adopt(knowledge, { ...identity, instanceId: 'i-0fffffffffffffff0' }, 'boot-1', asIs)
    expect(knowledge).toMatchObject({
      wanted: null,
      recorded: [],
      everReady: false,
      saved: null,
      pulled: new Set(),
    })
  })
})
