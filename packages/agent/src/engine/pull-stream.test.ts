import { PassThrough, Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { systemClock, type Clock } from '../clock.ts'
import { PullError, readPull } from './pull-stream.ts'

const layer = '{"status":"Downloading","id":"abc","progressDetail":{"current":1,"total":2}}\n'
const done = '{"status":"Digest: sha256:1"}\n{"status":"Status: Downloaded newer image for x"}\n'

const never = new AbortController().signal

function readFrom(body: Readable, clock: Clock = systemClock, signal = never): Promise<void> {
  return readPull(body, { clock, signal, sizes: null, seen: () => undefined })
}

function read(...chunks: string[]): Promise<void> {
  return readFrom(Readable.from(chunks.map((chunk) => Buffer.from(chunk))))
}

/** A clock whose watches look when the test says so. */
function steered(): { clock: Clock; watchAt: (ms: number) => void } {
  let now = 0
  const watches: (() => void)[] = []
  const clock: Clock = {
    ...systemClock,
    now: () => now,
    every: (_, task) => {
      watches.push(task)
      return () => {}
    },
  }
  return {
    clock,
    watchAt: (ms) => {
      now = ms
      watches.forEach((task) => task())
    },
  }
}

describe('how a pull ends', () => {
  test.each<[string, string[]]>([
    ['with its terminal line', [layer, done]],
    ['with a last line that has no newline', [layer, done.trimEnd()]],
    ['in pieces', (layer + done).split('')],
  ])('well: %s', async (_, chunks) => {
    await expect(read(...chunks)).resolves.toBeUndefined()
  })

  test.each<[string, string[], RegExp]>([
    ['nothing at all', [], /without saying that it is done/],
    ['cut between lines', [layer, layer], /without saying that it is done/],
    ['cut inside a line', [layer, '{"status":"Dow'], /not JSON/],
    [
      'an error line',
      [layer, '{"errorDetail":{"message":"manifest unknown"},"error":"x"}\n'],
      /^manifest unknown$/,
    ],
    ['an error line without a newline', ['{"error":"no space left"}'], /^no space left$/],
    ['an error after the terminal line', [done, '{"error":"too late"}\n'], /^too late$/],
    ['not JSON', ['<html>'], /not JSON: <html>/],
    ['a line without an end', ['x'.repeat(2_000_000)], /without an end/],
  ])('badly: %s', async (_, chunks, message) => {
    const failure = await read(...chunks).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(PullError)
    expect((failure as Error).message).toMatch(message)
  })

  test('badly: the connection breaks', async () => {
    const stream = new PassThrough()
    stream.write(layer)
    const reading = readFrom(stream).catch((error: unknown) => error)
    stream.destroy(new Error('ECONNRESET'))
    expect(await reading).toBeInstanceOf(PullError)
  })

  test('badly: it is aborted', async () => {
    const stop = new AbortController()
    const stream = new PassThrough()
    stream.write(layer)
    const reading = readFrom(stream, systemClock, stop.signal).catch((error: unknown) => error)
    stop.abort()
    expect(String(await reading)).toMatch(/the pull was ended/)
    expect(stream.destroyed).toBe(true)
    await expect(readFrom(new PassThrough(), systemClock, stop.signal)).rejects.toThrow('the pull was ended')
  })

  test('well: after hours, while something moves', async () => {
    const { clock, watchAt } = steered()
    const stream = new PassThrough()
    const seen: number[] = []
    const reading = readPull(stream, {
      clock,
      signal: never,
      sizes: null,
      seen: ({ layers }) => seen.push(layers.get('abc')?.downloaded ?? 0),
    })
    for (let minute = 1; minute <= 300; minute += 1) {
      stream.write(layer.replace('"current":1,"total":2', `"current":${minute},"total":300`))
      await new Promise((resolve) => setImmediate(resolve))
      watchAt(minute * 60_000)
    }
    stream.end(done)
    await expect(reading).resolves.toBeUndefined()
    expect(seen.slice(0, 3)).toEqual([1, 2, 3])
    expect(seen.at(-1)).toBe(300)
  })

  test('badly: nothing moves, though the engine goes on talking', async () => {
    const { clock, watchAt } = steered()
    const stream = new PassThrough()
    const reading = readFrom(stream, clock).catch((error: unknown) => error)
    stream.write(layer)
    await new Promise((resolve) => setImmediate(resolve))
    watchAt(0)
    watchAt(119_000)
    stream.write(layer)
    await new Promise((resolve) => setImmediate(resolve))
    watchAt(121_000)
    expect(String(await reading)).toMatch(/no progress for 121 s/)
  })

  test('any stream settles, and only one with a terminal line and no error succeeds', async () => {
    const line = fc.oneof(
      fc.constant(layer),
      fc.constant(done),
      fc.constant('{"error":"boom"}\n'),
      fc.constant('[]\n'),
      fc.constant('\n'),
      fc.string(),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), fc.boolean(), async (lines, breaks) => {
        const source = breaks
          ? Readable.from(brokenAfter(lines))
          : Readable.from(lines.map((text) => Buffer.from(text)))
        const outcome = await readFrom(source).then(
          () => null,
          (error: unknown) => error,
        )
        const all = lines.join('')
        if (outcome === null) {
          expect(breaks).toBe(false)
          expect(all).toContain('Status: ')
          expect(all).not.toContain('{"error":"boom"}\n')
        } else expect(outcome).toBeInstanceOf(PullError)
      }),
    )
  })
})

async function* brokenAfter(lines: readonly string[]): AsyncGenerator<Buffer> {
  for (const text of lines) yield Buffer.from(text)
  await Promise.reject(new Error('aborted'))
}
