import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensureEngine } from './engine.ts'

const host = process.env['DOCKER_HOST']

beforeEach(() => {
  process.env['DOCKER_HOST'] = 'unix:///nonexistent/docker.sock'
})
afterEach(() => {
  if (host === undefined) delete process.env['DOCKER_HOST']
  else process.env['DOCKER_HOST'] = host
})

test('where nothing may be installed or started the reason is one sentence, and nothing is done', async () => {
  const said: string[] = []
  const engine = await ensureEngine({ install: false, say: (sentence) => said.push(sentence) })
  expect(engine).toEqual({
    ok: false,
    why: expect.stringMatching(/(installing|starting one) is not allowed\.$/),
  })
  expect(said).toEqual([])
})
