import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import type { Event } from '../events.ts'
import { createOutput, formatEvent } from './output.ts'

const at = Date.UTC(2026, 0, 1, 12, 0, 0)
const wait = (text: string, seconds: number): Event => ({
  event: 'wait',
  at: at + seconds * 1_000,
  text,
  waitingFor: 'health',
  instances: [],
})
const step = (text: string): Event => ({ event: 'step', at, text, step: 'size', why: text })

async function printed(events: readonly Event[], options: { json?: boolean; quiet?: boolean }) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const emit = createOutput({ stdout, stderr }, { json: false, quiet: false, colour: false, ...options })
  for (const event of events) emit(event)
  stdout.end()
  stderr.end()
  return { stdout: await text(stdout), stderr: await text(stderr) }
}

test('an unchanged wait is said again only after 15 seconds', async () => {
  const events = [
    wait('a', 0),
    wait('a', 5),
    wait('b', 6),
    wait('b', 20),
    wait('b', 21),
    step('s'),
    wait('b', 22),
  ]
  expect((await printed(events, {})).stderr.split('\n')).toEqual([
    '12:00:00 a',
    '12:00:06 b',
    '12:00:21 b',
    '12:00:00 s',
    '12:00:22 b',
    '',
  ])
})

test('what AWS and agents say stays on its line, and colours nothing', async () => {
  const text = 'It \u001B[31mfailed\u001B[0m:\n  no room.'
  const { stderr } = await printed([wait(text, 0), { event: 'warning', at, text }], {})
  expect(stderr).toBe('12:00:00 It failed:   no room.\n12:00:00 warning: It failed:   no room.\n')
})

test('under --json every event is a line on stdout', async () => {
  const events = [wait('a', 0), wait('a', 1)]
  const { stdout, stderr } = await printed(events, { json: true })
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line)),
  ).toEqual(events)
  expect(stderr).toBe('')
})

test('--quiet leaves warnings', async () => {
  const events: Event[] = [step('s'), { event: 'warning', at, text: 'careful' }]
  expect(await printed(events, { quiet: true })).toEqual({
    stdout: '',
    stderr: '12:00:00 warning: careful\n',
  })
})

test('a plan is data', async () => {
  const events: Event[] = [{ event: 'plan', at, text: 'tag web-green', step: 'tag', calls: [] }]
  expect(await printed(events, {})).toEqual({ stdout: 'tag web-green\n', stderr: '' })
})

test('a result names the next command, in colour only where asked', () => {
  const result: Event = {
    event: 'result',
    at,
    text: 'Held.',
    outcome: 'held',
    exitCode: 4,
    next: 'switchover rollback web',
    details: {},
  }
  expect(formatEvent(result, false)).toBe('Held.\nNext: switchover rollback web\n')
  expect(formatEvent(result, true)).toContain('\u001B[31mHeld.')
})
