import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import type { Failure } from '../failure.ts'
import type { Engine } from './engine.ts'
import { pullImage } from './pull-image.ts'

/** An engine that says one thing of every pull. */
async function failed(text: string): Promise<{ reason: Failure['reason']; forgot: number }> {
  let forgot = 0
  const engine = {
    pull: () => Promise.resolve(Readable.from([`${JSON.stringify({ error: text })}\n`])),
  } as unknown as Engine
  const logins = { for: () => Promise.resolve(null), forget: () => void (forgot += 1) }
  const { signal } = new AbortController()
  const failure = await pullImage({ engine, logins, clock: systemClock }, 'web@sha256:1', {
    login: null,
    sizes: null,
    signal,
    seen: () => undefined,
  }).catch((reason: unknown) => reason as Failure)
  return { reason: (failure as Failure).reason, forgot }
}

test('the signed address of a layer is not repeated', async () => {
  const address =
    'https://prod-starport.s3.amazonaws.com/layer?X-Amz-Security-Token=s3cret&X-Amz-Signature=s3cret'
  const { reason } = await failed(`Get "${address}": dial tcp 10.0.0.1:443: i/o timeout`)
  expect(reason).toEqual({
    code: 'pull-failed',
    kind: 'retryable',
    sentence:
      'Pulling web@sha256:1 failed: Get "https://prod-starport.s3.amazonaws.com/layer": dial tcp 10.0.0.1:443: i/o timeout',
  })
})

test.each([
  ['denied: Your authorization token has expired. Reauthenticate and try again.', 1],
  ['no basic auth credentials', 1],
  ['denied: requested access to the resource is denied', 1],
  ['manifest unknown', 0],
  ['unexpected EOF', 0],
])('the login is fetched anew after "%s": %i', async (error, times) => {
  expect((await failed(error)).forgot).toBe(times)
})
