import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { decide } from '../decide/decide.ts'
import { beforeDeploy } from '../decide/fixture.ts'
import { Screen } from './screen.ts'
import { asciiSigns } from './view/line.ts'
import { sightOfWorld } from './view/sight-of-world.ts'

const world = beforeDeploy()
const sight = sightOfWorld({ world, step: decide(world) })
const up = '\u001B[1A'

/** A terminal that keeps what it is sent, and a clock on which nothing ticks. */
function terminal() {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true, columns: 80, rows: 24 })
  const clock = {
    now: () => 0,
    monotonic: () => 0,
    sleep: async (_: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve())),
  }
  const screen = new Screen({ stream, clock, colour: false, signs: asciiSigns, hint: 'hint' })
  const sent = () => String(stream.read() ?? '')
  return { stream, screen, sent }
}

const count = (text: string, part: string) => text.split(part).length - 1

test('a line that is said is above the view, which is drawn again', async () => {
  const { screen, sent } = terminal()
  screen.show(sight, 1_000, null)
  sent()
  screen.say('12:00:00 Size web-green: min 3\n')
  expect(sent()).toMatch(/12:00:00 Size web-green: min 3\n(?:.|\n)*web {2}deploying v2(?:.|\n)*hint\n/)
  await screen.close()
})

test('a line that is said is left for the terminal to wrap, so that a digest can be copied', async () => {
  const { screen, sent } = terminal()
  screen.show(sight, 1_000, null)
  sent()
  const line = `12:00:00 Tag web-green: digest=sha256:${'0123456789abcdef'.repeat(4)}`
  screen.say(line)
  expect(sent()).toContain(line)
  await screen.close()
})

test('lines that a narrower terminal has broken are erased with the rest', async () => {
  const { stream, screen, sent } = terminal()
  screen.show(sight, 1_000, null)
  const lines = sent().split('\n').length
  stream.columns = 40
  stream.emit('resize')
  expect(count(sent(), up)).toBeGreaterThan(lines)
  await screen.close()
})

test('leaves nothing behind, and draws nothing more', async () => {
  const { stream, screen, sent } = terminal()
  screen.show(sight, 1_000, null)
  const drawn = sent().split('\n').length
  await screen.close()
  expect(count(sent(), up)).toBe(drawn - 1)
  stream.emit('resize')
  screen.ask(['Stop?'])
  expect(sent()).toBe('')
})
