import { PassThrough, Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { systemClock, type Clock } from '../clock.ts'
import { PullError, readPull } from './pull-stream.ts'

const layer = '{"status":"Downloading","id":"abc","progressDetail":{"current":1,"total":2}}\n'
const done = '{"status":"Digest: sha256:1"}\n{"status":"Status: Downloaded newer image for x"}\n'

function read(...chunks: string[]): Promise<void> {
  return readPull(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), systemClock)
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
    const reading = readPull(stream, systemClock).catch((error: unknown) => error)
    stream.destroy(new Error('ECONNRESET'))
    expect(await reading).toBeInstanceOf(PullError)
  })

  test('badly: nothing moves, though the engine goes on talking', async () => {
    let now = 0
    const watches: (() => void)[] = []
    const watch = () => watches.forEach((task) => task())
    const clock: Clock = {
      ...systemClock,
      now: () => now,
      every: (_, task) => {
        watches.push(task)
        return () => {}
      },
    }
    const stream = new PassThrough()
    const reading = readPull(stream, clock).catch((error: unknown) => error)
    stream.write(layer)
    await new Promise((resolve) => setImmediate(resolve))
    watch()
    now = 119_000
    watch()
    stream.write(layer)
    await new Promise((resolve) => setImmediate(resolve))
    now = 121_000
    watch()
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
        const outcome = await readPull(source, systemClock).then(
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
