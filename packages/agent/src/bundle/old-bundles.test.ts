import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { removeOldBundles } from './old-bundles.ts'

let stateDirectory: string
const said: string[] = []
const log = { info: () => undefined, warn: (text: string) => said.push(text), error: () => undefined }
beforeEach(async () => {
  stateDirectory = await mkdtemp(join(tmpdir(), 'switchover-bundles-'))
  said.length = 0
})
afterEach(() => rm(stateDirectory, { recursive: true, force: true }))

test('the current bundle and the one before it stay; older ones and what was left half unpacked go', async () => {
  const bundles = ['000000000001', '000000000002', '000000000003', '.000000000004']
  for (const [hour, name] of bundles.entries()) {
    const directory = join(stateDirectory, 'bundles', name)
    await mkdir(join(directory, 'conf'), { recursive: true })
    await utimes(directory, hour * 3_600, hour * 3_600)
  }
  await removeOldBundles({ stateDirectory, log }, '000000000001')
  const left = await readdir(join(stateDirectory, 'bundles'))
  expect(left.toSorted()).toEqual(['000000000001', '000000000003'])
  expect(said).toEqual([])
})

test('a disk that refuses is no failure', async () => {
  await removeOldBundles({ stateDirectory, log }, '000000000001')
  expect(said).toEqual([expect.stringMatching(/^Older bundles were not all removed: /)])
})
