import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { eventSchema } from './event.ts'

test('every example of the documentation is an event, and no event is without one', async () => {
  const text = await readFile(new URL('../../../docs/events.md', import.meta.url), 'utf8')
  const lines = text.split('\n').filter((line) => line.startsWith('{"event":'))
  const events = lines.map((line) => eventSchema.parse(JSON.parse(line)).event)
  const documented = eventSchema.options.map((option) => option.shape.event.value)
  expect(events.toSorted()).toEqual(documented.toSorted())
})

test('a field that is not documented is none of ours', () => {
  const warning = { event: 'warning', at: 0, text: 'Careful.' }
  expect(eventSchema.safeParse(warning).success).toBe(true)
  expect(eventSchema.safeParse({ ...warning, colour: 'red' }).success).toBe(false)
})
