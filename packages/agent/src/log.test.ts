import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { journalLog, type EntryWriter } from './log.ts'

const fields = { SWITCHOVER_PHASE: 'ready' }

function logTo(entries: EntryWriter | null) {
  const out = new PassThrough({ encoding: 'utf8' })
  return { log: journalLog(out, entries), written: () => String(out.read() ?? '') }
}

test('every line has its priority, and no secret', () => {
  const { log, written } = logTo(null)
  log.info('started')
  log.warn('token=abcdef\nsecond line')
  log.error('failed')
  expect(written()).toBe('<6>started\n<4>token=[redacted]\n<4>second line\n<3>failed\n')
})

test('what has fields is an entry, redacted, and no line', async () => {
  const entries: unknown[] = []
  const { log, written } = logTo((...entry) => Promise.resolve(entries.push(entry) > 0))
  log.info('ready: password=abcdef', fields)
  await Promise.resolve()
  expect(entries).toEqual([['ready: password=[redacted]', fields]])
  expect(written()).toBe('')
})

test.each<[string, EntryWriter | null]>([
  ['that cannot be written', () => Promise.resolve(false)],
  ['without a journal', null],
])('an entry %s is a line', async (_, entries) => {
  const { log, written } = logTo(entries)
  log.info('ready', fields)
  await Promise.resolve()
  expect(written()).toBe('<6>ready\n')
})
